interface DroppedField {
  /** An attribute or a relation, or `<attribute>.<member>`. */
  name: string
  /** Types of resources; all when absent. */
  types?: readonly string[]
  /** Only with this value; any when absent. */
  when?: unknown
  why: string
}

const looks = 'how the app shows the record'
const beginning = 'how the conversation began, which its messages tell'
const statistic = 'a figure for reports, which other members or records tell'
const shown = 'told by the record that it is about'
const usual = 'false on nearly every record: it is there when it is true'

/** Left out of resources, but not of `custom` or other JSON. The `fields` argument gets each of them. */
export const droppedFields: readonly DroppedField[] = [
  { name: 'org', why: 'the one organisation of the connection, the same on every record; no call takes it' },
  { name: 'displayColor', why: looks },
  { name: 'displayIcon', why: looks },
  { name: 'avatarUrl', why: looks },
  { name: 'color', types: ['tag'], why: looks },
  { name: 'emailSignature', types: ['user'], why: looks },
  { name: 'password', types: ['user'], why: 'settings of the sign-in form' },
  { name: 'modificationHistory', why: 'a time for each attribute that was ever changed' },
  { name: 'createdByTeams', why: 'the teams of the author, who is named' },
  { name: 'deleted', when: false, why: usual },
  { name: 'spam', when: false, why: usual },
  { name: 'ended', when: false, why: usual },
  { name: 'auto', when: false, why: usual },
  { name: 'redacted', when: false, why: usual },

  { name: 'modifiedBy', types: ['conversation', 'customer'], why: 'who wrote last, mostly the app itself' },
  { name: 'firstMessageIn', types: ['conversation'], why: beginning },
  { name: 'firstMessageOut', types: ['conversation'], why: beginning },
  { name: 'firstResponse', types: ['conversation'], why: beginning },
  { name: 'firstDone', types: ['conversation'], why: beginning },
  { name: 'open', types: ['conversation'], why: 'when it was opened, which updates and messages tell' },
  { name: 'lastMessageIn.channel', types: ['conversation'], why: shown },
  { name: 'lastMessageOut.channel', types: ['conversation'], why: shown },
  { name: 'lastMessageIn.directionType', types: ['conversation'], why: shown },
  { name: 'lastMessageOut.directionType', types: ['conversation'], why: shown },
  { name: 'lastMessageUnrespondedTo.channel', types: ['conversation'], why: shown },
  { name: 'lastMessageUnrespondedTo.directionType', types: ['conversation'], why: shown },
  { name: 'inboundMessageCount', types: ['conversation'], why: statistic },
  { name: 'outboundMessageCount', types: ['conversation'], why: statistic },
  { name: 'doneCount', types: ['conversation'], why: statistic },
  { name: 'reopenCount', types: ['conversation'], why: statistic },
  { name: 'snoozeCount', types: ['conversation'], why: statistic },
  { name: 'satisfaction', types: ['conversation'], why: statistic },
  { name: 'sentiment', types: ['conversation'], why: 'an estimate of the app' },
  { name: 'defaultLang', types: ['conversation'], why: 'the language of its messages, which they tell' },
  { name: 'locale', types: ['conversation'], why: 'the language of its messages, which they tell' },

  { name: 'size', types: ['message'], why: 'the length of the text that stands beside it' },
  { name: 'assignedUsers', types: ['message'], why: shown },
  { name: 'assignedTeams', types: ['message'], why: shown },
  { name: 'responseTime', types: ['message'], why: statistic },
  { name: 'directionType', types: ['message'], why: statistic },
  { name: 'lang', types: ['message'], why: 'the language of the text, which the text tells' },

  { name: 'preview', types: ['customer'], why: 'the last message, which the conversation tells' },
  { name: 'recentLocation', types: ['customer'], why: 'where a browser was last seen' },
  { name: 'lastMessageIn.channel', types: ['customer'], why: shown },
  { name: 'lastMessageOut.channel', types: ['customer'], why: shown },
  { name: 'lastConversation.channels', types: ['customer'], why: shown },
  { name: 'lastConversation.tags', types: ['customer'], why: shown },
  { name: 'presence', types: ['customer'], why: 'whether a chat window is open this moment' },
]

interface DuplicateField {
  /** A member of a resource or of an object within it, or `<attribute>.<member>`. */
  name: string
  /** Members of the same object. No row may lead back to itself. */
  of: readonly string[]
  /** Whether it repeats some words of the other, in any case. */
  words?: boolean
}

/** Left out while they equal another member, which stays. The `fields` argument gets each of them. */
export const duplicateFields: readonly DuplicateField[] = [
  { name: 'updatedAt', of: ['createdAt'] },
  { name: 'sentAt', of: ['createdAt'] },
  { name: 'modifiedAt', of: ['updatedAt'] },
  { name: 'lastActivityAt', of: ['updatedAt'] },
  { name: 'lastMessageAt', of: ['lastActivityAt', 'lastMessageIn.sentAt', 'lastMessageOut.sentAt'] },
  { name: 'lastCustomerActivityAt', of: ['lastActivityAt', 'lastMessageIn.sentAt'] },
  { name: 'lastSeenAt', of: ['lastCustomerActivityAt'] },
  { name: 'modifiedBy', of: ['createdBy'] },
  { name: 'displayName', of: ['name'] },
  { name: 'firstName', of: ['name'], words: true },
  { name: 'lastName', of: ['name'], words: true },
  { name: 'meta.subject', of: ['subject'] },
]
