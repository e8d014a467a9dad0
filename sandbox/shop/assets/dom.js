/* Small things that the demo page's scripts share. */

export const byId = (id) => document.getElementById(id);
export const later = (work, milliseconds) => setTimeout(work, milliseconds);

export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.filter(Boolean));
  return node;
}

/** A button that copies `text`, and shows `label` or the text itself. */
export function copyable(text, label = "") {
  const button = element("button", { type: "button", class: "copy", title: "Copy" },
    label ? element("span", {}, label) : element("code", {}, text));
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    button.classList.add("copied");
    later(() => button.classList.remove("copied"), 1200);
  });
  return button;
}
