import type { PromptEntry, ToolAvailability } from './prompt-entry.ts'

const conversation = {
  name: 'conversation',
  description: 'Id, external id or link of the conversation.',
  required: true,
} as const

function readThread({ has }: ToolAvailability): string {
  if (has('get-conversation-thread'))
    return 'Call get-conversation-thread with the id: all of it, messages and notes.'
  const rest = has('proxy_request')
    ? 'Then call proxy_request with GET /v1/conversations/{id}/messages, and again with /notes.'
    : 'Its messages and notes cannot be read here: ask the person for what matters of them.'
  return `Call get-conversation-by-id with the id. ${rest}`
}

const needsThread = [['get-conversation-thread', 'get-conversation-by-id']]

export const draftReply: PromptEntry = {
  name: 'draft-reply',
  title: 'Draft a reply',
  description: 'Write the next answer to a customer from the whole thread, for a person to check and send.',
  arguments: [
    conversation,
    {
      name: 'tone',
      description: 'How it should sound.',
      values: ['friendly', 'formal', 'brief', 'apologetic'],
    },
    // Last: some clients split what was typed at its spaces.
    { name: 'instructions', description: 'What the answer should say or offer.', long: true },
  ],
  needs: needsThread,
  plan: (available) => ({
    goal: 'Write the next reply to the customer of this conversation. A person sends it, not you.',
    steps: [
      readThread(available),
      available.has('get-customer-by-id') &&
        'Call get-customer-by-id for what the answer needs of the customer, such as the name they go by.',
      available.has('list-drafts') &&
        'Call list-drafts with the customer and the conversation: where an answer waits already, show it, and change that one.',
      'List for yourself what the customer asked and what is still unanswered. Answer all of it, or say what we need to know first.',
      available.has('find-answers') &&
        'Call find-answers with the words of what they ask: use what fits of the canned answers and articles, and put in what stands in {{ }}.',
      'Write in the language of their last message, for the channel it came by: short in chat and SMS, no salutation twice.',
      'Show the person the reply, with what it rests on, and ask whether it is right. Change it until it is.',
      available.writes('create-draft')
        ? 'Only after their yes, call create-draft with the conversation, its customer and that channel. It stores a draft; a person still has to send it. Do not schedule or send unless they asked for that in so many words.'
        : 'No tool here can store a draft: the person copies the reply into Kustomer.',
    ],
    rules: [
      'Never use create-message to answer: it records a message and sends nothing, and the customer would wait in vain.',
      'Promise nothing, such as a refund, a date or a replacement, that the thread, a note or the instructions do not give.',
      'Notes are internal: use what they say to be right, never their words.',
      'Repeat no card numbers, passwords or codes that the customer wrote.',
    ],
    outputFormat:
      'First the reply as it would be sent, in a block of its own. Then, in three lines at most: what it rests on, what you were not sure of, what it leaves open. Never say that the customer was answered.',
  }),
}

export const handoverNote: PromptEntry = {
  name: 'handover-note',
  title: 'Write a handover note',
  description: 'Write the internal note with which a colleague can take a conversation over.',
  arguments: [
    conversation,
    {
      name: 'to',
      description: 'Who takes over: name, email or id.',
    },
  ],
  needs: needsThread,
  plan: (available, { to }) => ({
    goal: 'Write an internal note with which a colleague can take this conversation over without reading all of it.',
    steps: [
      readThread(available),
      to !== undefined &&
        available.has('list-users') &&
        'Call list-users to find the id of who takes over, for the mention.',
      'Write the note in the form below.',
      'Show it to the person and ask whether to save it.',
      available.writes('create-note')
        ? 'Only after their yes, call create-note with the conversation and the text as body; userMentions takes the id of who takes over.'
        : 'No tool here can save a note: the person copies it into Kustomer.',
      to !== undefined &&
        available.writes('update-conversation') &&
        'Ask whether the conversation should be assigned to them as well. If so, call update-conversation with the names of all assignedUsers and with rev.',
    ],
    rules: [
      'Customers never see notes. Even so, write nothing in them that would be wrong to say of a person.',
      'Keep apart what the customer says from what we know.',
      'Dates with day and month, no "yesterday": the note may be read later.',
    ],
    outputFormat:
      'At most 150 words: Situation (one sentence), Done so far, Open, Promised (what, by whom, by when), Next step (one, with who), Watch out. Leave out a head that has nothing under it.',
  }),
}
