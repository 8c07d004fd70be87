"""Apple Health's export: workouts with their heart rate, in little memory, also where it is wrong."""

from __future__ import annotations

import tracemalloc
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from spotter.errors import ExchangeError
from spotter.exchange import xml_reading
from spotter.exchange.importing import read_recorded

# As iOS 16 writes it: the last list of attributes has no end.
BROKEN_TYPE = """<!DOCTYPE HealthData [
<!-- HealthKit Export Version: 12 -->
<!ELEMENT HealthData (ExportDate,Me,(Record|Workout)*)>
<!ATTLIST VisionPrescription
  type CDATA #REQUIRED
<!ELEMENT RightEye EMPTY>
]>
"""
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
WORKOUTS = """
<Workout workoutActivityType="HKWorkoutActivityTypeTraditionalStrengthTraining"
  duration="30" durationUnit="min" totalEnergyBurned="418.4" totalEnergyBurnedUnit="kJ"
  sourceName="Ada\x0bs Watch" startDate="2026-10-25 02:30:00 +0200" endDate="2026-10-25 02:10:00 +0100"/>
<Workout workoutActivityType="HKWorkoutActivityTypeWalking" sourceName="Ada&#8217;s Watch"
  startDate="2026-10-25 02:00:00 +0100" endDate="2026-10-25 03:00:00 +0100">
  <MetadataEntry key="HKTimeZone" value="Europe/Berlin"/>
  <WorkoutStatistics type="HKQuantityTypeIdentifierActiveEnergyBurned" sum="55.5" unit="kcal"/>
  <WorkoutStatistics type="HKQuantityTypeIdentifierDistanceWalkingRunning" sum="5" unit="km"/>
</Workout>
<Workout workoutActivityType="HKWorkoutActivityTypeYoga" startDate="soon" endDate="later"/>
"""


def heart(when: str, bpm: str) -> str:
    return (
        f'<Record type="HKQuantityTypeIdentifierHeartRate" unit="count/min" startDate="{when}" '
        f'endDate="{when}" value="{bpm}"><MetadataEntry key="k" value="1"/></Record>\n'
    )


RECORDS = (
    "".join(
        heart(*one)
        for one in (
            ("2026-10-25 02:29:59 +0200", "60"),  # before
            ("2026-10-25 02:30:00 +0200", "70"),
            ("2026-10-25 02:05:00 +0100", "110.5"),  # in both workouts
            ("2026-10-25 02:45:00 +0200", "90"),
            ("2026-10-25 02:45:00 +0100", "85"),
            ("2026-10-25 02:46:00 +0100", "none"),
            ("nonsense", "99"),
        )
    )
    + '<Record type="HKQuantityTypeIdentifierStepCount" startDate="2026-10-25 02:45:00 +0100" value="9"/>'
)
EXPORT = f'{HEAD}{BROKEN_TYPE}<HealthData locale="de_DE">{RECORDS}{WORKOUTS}</HealthData>'


def check(path: Path) -> None:
    strength, walk = read_recorded(path)
    assert (strength.sport, walk.sport) == ("TraditionalStrengthTraining", "Walking")
    assert (strength.source, walk.source) == ("Adas Watch", "Ada\N{RIGHT SINGLE QUOTATION MARK}s Watch")
    assert (strength.calories, walk.calories) == (pytest.approx(100), 55.5)
    assert (strength.duration_s, walk.duration_s) == (40 * 60, 3600)  # over the hour that comes twice
    assert strength.started.utcoffset() == timedelta(hours=2)
    assert strength.heart_rate is not None and walk.heart_rate is not None
    assert strength.heart_rate.time_s.tolist() == [0, 900, 2100]
    assert strength.heart_rate.bpm.tolist() == [70, 90, 110.5]
    assert walk.heart_rate.bpm.tolist() == [110.5, 85]


def test_workouts_and_their_heart_over_the_end_of_summer_time(tmp_path: Path) -> None:
    path = tmp_path / "export.xml"
    path.write_text(EXPORT, encoding="utf-8")
    check(path)


def test_the_archive_with_names_in_the_phones_language(tmp_path: Path) -> None:
    path = tmp_path / "Exportieren.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("apple_health_export/export_cda.xml", "<ClinicalDocument>" + " " * 99_999)
        archive.writestr("apple_health_export/Exportieren.xml", EXPORT)
        archive.writestr("apple_health_export/workout-routes/route.gpx", "<gpx/>")
    check(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ExchangeError, match="cut or damaged"):
        read_recorded(path)
    broken = bytearray(whole)
    broken[len(whole) // 2 : len(whole) // 2 + 40] = b"\0" * 40
    path.write_bytes(broken)
    with pytest.raises(ExchangeError):
        read_recorded(path)


def test_an_archive_of_something_else(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(ExchangeError, match=r"holds no export\.xml"):
        read_recorded(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            f'<!DOCTYPE HealthData [<!ENTITY a "b">]><HealthData>&a;{WORKOUTS}</HealthData>',
            "defines the entity 'a'",
        ),
        (f"{HEAD}<HealthData>{RECORDS}{WORKOUTS}", "is no whole XML: no element found in line"),
        (f"{HEAD}<HealthData>{RECORDS}</HealthData>", "holds no workout"),
    ],
)
def test_bad_exports(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "export.xml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ExchangeError, match=said):
        read_recorded(path)


def test_memory_does_not_grow_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_reading, "CHUNK", 1 << 14)

    def peak(copies: int) -> int:
        path = tmp_path / "export.xml"
        record = heart("2020-01-01 12:00:00 +0000", "60")
        path.write_text(f"{HEAD}<HealthData>{record * copies}{WORKOUTS}</HealthData>", encoding="utf-8")
        tracemalloc.start()
        assert len(read_recorded(path)) == 2
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(1)  # what is imported and cached once
    assert peak(3000) < peak(300) + 20_000
