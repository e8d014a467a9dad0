/* What has been entered, by block and action, in the shape Slack calls
   `state.values`: {block_id: {action_id: {type, value | selected_option | …}}}. */

/** Which property carries an element's value, and which names its initial one. */
const FIELDS = {
  plain_text_input: ["value", "initial_value"],
  email_text_input: ["value", "initial_value"],
  url_text_input: ["value", "initial_value"],
  number_input: ["value", "initial_value"],
  static_select: ["selected_option", "initial_option"],
  external_select: ["selected_option", "initial_option"],
  radio_buttons: ["selected_option", "initial_option"],
  users_select: ["selected_user", "initial_user"],
  channels_select: ["selected_channel", "initial_channel"],
  conversations_select: ["selected_conversation", "initial_conversation"],
  datepicker: ["selected_date", "initial_date"],
  timepicker: ["selected_time", "initial_time"],
  datetimepicker: ["selected_date_time", "initial_date_time"],
  checkboxes: ["selected_options", "initial_options"],
  multi_static_select: ["selected_options", "initial_options"],
  multi_external_select: ["selected_options", "initial_options"],
  multi_users_select: ["selected_users", "initial_users"],
  multi_channels_select: ["selected_channels", "initial_channels"],
  multi_conversations_select: ["selected_conversations", "initial_conversations"],
};

export const isStateful = (element) => Object.hasOwn(FIELDS, element?.type);
export const valueKey = (type) => FIELDS[type]?.[0];
const isMany = (type) => valueKey(type).endsWith("s");

function initial(element) {
  const [key, from] = FIELDS[element.type];
  return { type: element.type, [key]: element[from] ?? (isMany(element.type) ? [] : null) };
}

/** All elements of a list of blocks that hold a value, with their blocks. */
export function statefulElements(blocks) {
  return blocks.flatMap((block) => [block.element, block.accessory, ...(block.elements ?? [])]
    .filter(isStateful).map((element) => ({ block, element })));
}

export function createForm() {
  const entered = new Map();
  const key = (block, element) => `${block.block_id}\n${element.action_id}\n${element.type}`;
  return {
    get: (block, element) => (entered.get(key(block, element)) ?? initial(element))[valueKey(element.type)],
    set(block, element, value) {
      entered.set(key(block, element), { type: element.type, [valueKey(element.type)]: value });
    },
    /** Slack keeps what was entered when a view is renewed with the same block and action ids. */
    values(blocks) {
      const values = {};
      for (const { block, element } of statefulElements(blocks)) {
        (values[block.block_id] ??= {})[element.action_id] = entered.get(key(block, element)) ?? initial(element);
      }
      return values;
    },
  };
}

export function isEmpty(value) {
  return value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length);
}

/** What the client itself says about an input before anything is sent; null when fine. */
export function complaint(block, value) {
  const { element } = block;
  if (isEmpty(value)) return block.optional ? null : "Please complete this required field.";
  if (element.min_length && value.length < element.min_length) {
    return `Must be at least ${element.min_length} characters.`;
  }
  return null;
}
