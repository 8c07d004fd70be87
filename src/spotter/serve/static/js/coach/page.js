// The coach's page: choosing, training before the camera, and the summary, one after the other.

import { openSetup } from "./setup.js";
import { openSummary } from "./summary.js";
import { openTraining } from "./training.js";

export async function open(main) {
  let close = () => {};
  let isFirst = true;

  async function change(next, ...given) {
    close();
    main.replaceChildren();
    close = (await next(main, ...given)) ?? (() => {});
    if (!isFirst) main.querySelector("[data-focus]")?.focus(); // what had the focus is gone
    isFirst = false;
  }

  const setup = () => change(openSetup, training);
  const training = (wish) => change(openTraining, wish, { done: summary, back: setup });
  const summary = (message, wish) => change(openSummary, message, { again: () => training(wish), setup });

  await setup();
  return () => close();
}
