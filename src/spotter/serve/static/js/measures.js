// Measures, trends and differences in words, and whether they are good news.

import { many } from "./format.js";

const POINTS = " points";

// A value with its unit; of seconds below ten the tenths are told.
export function said(value, unit, { places = unit === "s" && Math.abs(value) < 10 ? 1 : 0, signed = false } = {}) {
  if (value === null || value === undefined) return "–";
  const shown = unit === "share" ? 100 * value : value;
  const text = shown.toFixed(places).replace(/^-(0(\.0+)?)$/, "$1").replace("-", "−");
  const sign = signed && shown > 0 && Number(text) !== 0 ? "+" : "";
  return `${sign}${text}${{ deg: "°", share: "\u00a0%", s: "\u00a0s", kg: "\u00a0kg" }[unit] ?? ""}`;
}

// A change of a measure; one of a share is told in points, for per cent of per cent mislead.
function change(value, unit, places, signed = false) {
  return unit === "share" ? said(100 * value, "count", { places, signed }) + POINTS : said(value, unit, { places, signed });
}

// Decimals that show two digits of a change, three decimals at most.
function placesOf(value, unit) {
  const size = unit === "share" ? 100 * value : value;
  return size <= 0 ? 1 : Math.min(3, Math.max(0, 1 - Math.floor(Math.log10(size))));
}

function span(low, high, unit, signed = true) {
  const places = placesOf(Math.max(Math.abs(low), Math.abs(high)), unit);
  return `${change(low, unit, places, signed).replace(POINTS, "")} to ${change(high, unit, places, signed)}`;
}

const tone = (better, wanted) => (!better ? "plain" : better === wanted ? "good" : "bad");

// {words, remark, tone, sign}: where a measure is heading, and how sure that is.
export function trendWords(trend, unit, better, words = ["rising", "falling"]) {
  if (trend.direction === "not enough to say") return { words: "not enough to say", remark: missing(trend), tone: "unsure", sign: "" };
  if (trend.direction === "no clear change")
    return { words: "no clear change", remark: `${span(trend.low, trend.high, unit)} a week`, tone: "plain", sign: "→" };
  const rising = trend.direction === "rising";
  const ends = [trend.low, trend.high].map(Math.abs).sort((a, b) => a - b);
  const amount = change(Math.abs(trend.per_week), unit, placesOf(ends[1], unit));
  return {
    words: `${words[rising ? 0 : 1]} by ${amount} a week`,
    remark: `${span(...ends, unit, false)}, 95 % sure`,
    tone: tone(better, rising ? "more" : "less"),
    sign: rising ? "↗" : "↘",
  };
}

export function measureWords(measure) {
  const deeper = measure.better === "less" ? ["less deep", "deeper"] : ["deeper", "less deep"];
  return trendWords(measure.trend, measure.unit, measure.better, measure.name === "depth_deg" ? deeper : undefined);
}

export const faultWords = (fault) => trendWords(fault.trend, "share", "less", ["more frequent", "rarer"]);

function missing(trend) {
  return trend.missing_days
    ? `${many(trend.missing_days, "more day", "more days")} with a session needed`
    : `${many(Math.ceil(trend.missing_span_days), "more day", "more days")} needed`;
}

// {words, remark, tone, sign}: what two sessions, or two months, differ by in a measure.
export function differenceWords(one, of = "session") {
  if (one.verdict === "not comparable") return { words: one.verdict, remark: one.why_not, tone: "unsure", sign: "" };
  if (one.first === null) return { words: "nothing to compare with", remark: "", tone: "unsure", sign: "" };
  if (one.verdict === "not enough to say")
    return { words: one.verdict, remark: `${many(one.missing, "more value", "more values")} needed in each ${of}`, tone: "unsure", sign: "" };
  const places = one.unit === "s" ? 1 : 0;
  const [low, high] = [one.low, one.high].map((value) => change(value, one.unit, places, true));
  const remark = `${low.replace(POINTS, "")} to ${high}`;
  if (one.verdict !== "more" && one.verdict !== "less") return { words: one.verdict, remark, tone: "plain", sign: "→" };
  return {
    words: change(one.difference, one.unit, places, true),
    remark,
    tone: tone(one.better, one.verdict),
    sign: one.verdict === "more" ? "↗" : "↘",
  };
}
