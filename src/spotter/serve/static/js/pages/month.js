// A month of several people side by side: how much, what changed, what went well, what to look at.

import { get } from "../api.js";
import { dayNumber, shortDay } from "../chart.js";
import { h, setText } from "../dom.js";
import { many } from "../format.js";
import { differenceWords, said } from "../measures.js";
import { scrolled } from "../reps.js";
import { empty, trouble, verdict } from "./pieces.js";

const left = new Set(); // people who are not shown

export const thisMonth = () => monthName(new Date().getFullYear(), new Date().getMonth());

function monthName(year, month) {
  const date = new Date(Date.UTC(year, month, 1));
  return `${date.getUTCFullYear()}-${String(date.getUTCMonth() + 1).padStart(2, "0")}`;
}

const nameOf = (year, month) => new Date(Date.UTC(year, month, 1)).toLocaleDateString("en", { month: "long", timeZone: "UTC" });

export async function openMonth(main, name) {
  const title = h("h1", {}, "Month");
  const page = h("div", { class: "page" }, h("nav", { "aria-label": "Back" }, h("a", { href: "#/progress" }, "Progress")), title);
  main.append(page);
  try {
    const month = await get(`/months/${encodeURIComponent(name)}`);
    const [year, number] = month.month.split("-").map(Number);
    const trained = month.people.filter((one) => one.sessions || one.sessions_before);
    const cards = h("div", { class: "people" });
    const draw = () => cards.replaceChildren(...trained.filter((one) => !left.has(one.person)).map((one) => personCard(one, month)));
    setText(title, month.title);
    page.append(
      h(
        "div",
        { class: "row spread" },
        title,
        h(
          "nav",
          { class: "row", "aria-label": "Months" },
          h("a", { class: "button", href: `#/progress/month/${monthName(year, number - 2)}` }, `← ${nameOf(year, number - 2)}`),
          month.month < thisMonth() ? h("a", { class: "button", href: `#/progress/month/${monthName(year, number)}` }, `${nameOf(year, number)} →`) : null,
        ),
      ),
      h("p", { class: "lead" }, month.over ? "Compared with the month before; changes are told with their 95 % interval." : "This month is not over: it is compared with the whole month before."),
      ...(trained.length > 1 ? [who(trained, draw)] : []),
      trained.length ? cards : empty("Nobody trained", "There is no session in this month, and none in the month before."),
    );
    draw();
  } catch (error) {
    page.append(trouble(error), h("p", {}, h("a", { href: `#/progress/month/${thisMonth()}` }, "This month")));
  }
}

function who(people, draw) {
  return h("fieldset", { class: "row who" }, h("legend", {}, "Who is shown"), ...people.map(({ person }) =>
    h("label", { class: "check" }, h("input", {
      type: "checkbox", checked: !left.has(person),
      onchange: (event) => {
        if (event.target.checked) left.delete(person);
        else left.add(person);
        draw();
      },
    }), person),
  ));
}

function personCard(one, month) {
  return h(
    "section",
    { class: "card person", "aria-label": one.person },
    h("h2", {}, h("a", { href: `#/progress/of/${encodeURIComponent(one.person)}` }, one.person)),
    h("p", {}, h("b", {}, many(one.sessions, "session")), h("span", { class: "muted" }, ` on ${many(one.days.length, "day")}; ${one.sessions_before} the month before`)),
    calendar(one, month),
    told("Went well", one.went_well, "good"),
    told("Look at", one.look_at, "look"),
    ...one.exercises.flatMap((each) => exerciseOf(each, one.person)),
  );
}

function told(title, sentences, tone) {
  return sentences.length ? h("div", { class: `told ${tone}` }, h("h3", {}, title), h("ul", {}, ...sentences.map((line) => h("li", {}, line)))) : null;
}

// The days of the month in weeks from Monday on; those with a session are filled.
function calendar(one, month) {
  const [first, end] = [month.begins, month.ends].map((text) => new Date(`${text}T00:00:00Z`));
  const count = Math.round((end - first) / 86_400_000);
  const trained = new Set(one.days.map((text) => Number(text.slice(8))));
  const days = [..."MTWTFSS"].map((letter) => h("b", {}, letter));
  const cells = Array.from({ length: count }, (_, row) => h("i", { class: trained.has(row + 1) ? "trained" : "" }, String(row + 1)));
  cells[0].style.gridColumnStart = String(((first.getUTCDay() + 6) % 7) + 1);
  const about = trained.size ? `Trained on ${[...trained].sort((a, b) => a - b).join(", ")}.` : "Did not train.";
  return h("div", { class: "calendar", role: "img", "aria-label": about }, ...days, ...cells);
}

function exerciseOf(one, person) {
  const amount = one.kind === "hold" ? `${said(one.held_s, "s", { places: 0 })} held` : many(one.reps, "repetition");
  return [
    h("h3", {}, one.title),
    h("p", { class: "muted" }, [many(one.days.length, "session"), many(one.sets, "set"), amount, one.volume_kg ? `${(one.volume_kg / 1000).toFixed(1)} t moved` : null].filter(Boolean).join(" · ")),
    one.adherence.length ? h("ul", { class: "chips" }, ...one.adherence.map((aim) => h("li", {}, `${AIMS[aim.aim](aim.wanted)}: ${aim.done} of ${said(aim.of, "count", { places: aim.of % 1 ? 1 : 0 })}`))) : null,
    one.changes.length
      ? scrolled(
          `${person}, ${one.title}: since the month before`,
          ["Measure", "Before", "Now", "Change"].map((head) => h("th", { scope: "col" }, head)),
          one.changes.map((change) => [change.title, said(change.first, change.unit), said(change.second, change.unit), verdict("", differenceWords(change, "month"))]),
        )
      : null,
    one.records.length ? h("ul", { class: "chips" }, ...one.records.map((record) => h("li", { class: "record" }, `${record.title}: ${said(record.value, record.unit)}, ${shortDay(dayNumber(record.day))}`))) : null,
  ].filter(Boolean);
}

const AIMS = {
  sessions_a_week: (wanted) => `${wanted} sessions a week`,
  sets: (wanted) => many(wanted, "set"),
  reps: (wanted) => many(wanted, "repetition"),
  range_deg: (wanted) => `${wanted}° of range`,
};
