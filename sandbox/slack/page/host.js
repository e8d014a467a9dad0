/* Where blocks live decides what a click does: a message, a view, or Home. */

import { post } from "./api.js";
import { createForm } from "./form.js";
import { confirm, toast } from "./overlay.js";
import { avatar } from "./avatar.js";

/** Slack's own wording when an app does not take an action in time or at all. */
const FAILED = "This action could not be completed.";

/**
 * `target` names the place as `/ui/action` wants it: {channel, ts} or {view_id}.
 * `blocks()` gives the blocks as they are now; `onError(text)` shows a failure.
 */
export function createHost(store, target, blocks, { form = createForm(), dispatchInputs = true, onError } = {}) {
  const fail = onError ?? ((text) => toast({ title: "That did not work", text, tone: "bad" }));
  const send = (block, element, action) => post("action", {
    as: store.me, ...target(), block_id: block.block_id, action_id: element.action_id,
    action: { ...action, type: element.type }, values: form.values(blocks()),
  });

  const act = async (block, element, action, node) => {
    if (element.confirm && !(await ask(element.confirm))) return;
    node.classList.add("busy");
    node.setAttribute("aria-busy", "true");
    const answer = await send(block, element, action);
    node.classList.remove("busy");
    node.removeAttribute("aria-busy");
    if (!answer.ok) fail(answer.error ?? FAILED);
  };
  const changed = (block, element, value, node) => {
    form.set(block, element, value);
    const dispatches = block.type === "input" ? block.dispatch_action && dispatchInputs : true;
    if (!dispatches) return;
    const entered = form.values([block])[block.block_id][element.action_id];
    act(block, element, entered, node);
  };
  const options = async (block, element, value) => {
    const answer = await post("options", {
      as: store.me, ...target(), block_id: block.block_id, action_id: element.action_id, value,
    });
    if (answer.ok === false) fail(answer.error ?? FAILED);
    return answer;
  };
  return { form, act, changed, options, names: store.names, people: () => people(store), places: () => places(store) };
}

const ask = ({ title, text, confirm: yes, deny, style }) => confirm({
  title: title?.text ?? "Are you sure?", text: text?.text ?? "", yes: yes?.text, no: deny?.text, danger: style === "danger",
});

export function people(store) {
  return [...store.users.values()].filter((user) => !user.is_bot && user.id !== "USLACKBOT").map((user) => ({
    key: user.id, label: user.real_name, detail: user.is_guest ? "Guest" : user.title, option: user.id,
    picture: avatar({ name: user.real_name, url: user.avatar, size: "small" }),
  }));
}

export const places = (store) => [...store.channels.values()]
  .filter((channel) => !channel.is_archived && !channel.is_im)
  .map((channel) => ({ key: channel.id, label: `#${channel.name}`, option: channel.id }));
