import { snapshotActions } from '../../../catalog/snapshot.macro.ts'

const split = (text: string) => text.trim().split(/\s+/)

/** Keywords of JSON Schema, and those that Membrane adds. */
export const schemaKeywords: readonly string[] = split(`
  title description type format properties items additionalProperties enum default required minLength maxLength minimum maximum minItems maxItems readOnly writeOnly examples anyOf pattern uniqueItems patternProperties oneOf allOf const multipleOf exclusiveMinimum exclusiveMaximum minProperties maxProperties referenceRecords referenceCollection referenceUdm referenceCollectionPath referenceCollectionUri allowCustom isImplied isSensitive $ref`)

/** Names of members in the documents of Membrane, of Kustomer, of JSON Schema and of HTTP, as published. */
const memberNames = split(`
  items cursor output actionRunId elementType element status statusText headers body data request response method url path
  uri query id key name type state connected disconnected isDefunct isDeactivated isTest archivedAt userId tenantId user
  internalId connectorVersion authOptionKey meta canTest canRefreshCredentials retryAttempts nextRetryTimestamp createdAt
  updatedAt modifiedAt lastActiveAt errors error integrationId integrationKey connectorId connectorKey integration logoUri
  externalAppId clientAction description uiUrl agentInstructions connectorParameters input credentials config
  inputSchema outputSchema customOutputSchema defaultOutputSchema transformedOutputSchema connectionId instanceKey parentId
  universalParentId isUniversal isPublic layer revision uuid popularity message code causedByError isMembraneError stack logs
  baseURL parameter title detail source pointer details duration completedAt success action connection
  attributes relationships links self first prev next last page pageSize total totalPages limit level time msg
  parameters
  content-type x-ratelimit-limit x-ratelimit-remaining x-ratelimit-reset retry-after authorization accept api
  displayName firstName lastName email emails phone phones verified externalId externalIds sharedExternalIds sharedEmails
  sharedPhones org customer conversation company team sub_status deleted
  app assignedTeams assignedUsers attachments avatarUrl body breach breached channel channels contentLength
  contentType conversationCounts createdBy createdByTeams currentVersion custom defaultLang direction directionType
  displayColor displayIcon doneCount domains emailVerifiedAt employeeCount facebookIds firstAnswer firstBreachAt
  firstMessageIn firstMessageOut firstResponse inboundMessageCount instagramIds intentDetections lang lastActivityAt
  lastConversation lastCustomerActivityAt lastDone lastMessageAt lastMessageDirection lastMessageIn lastMessageOut
  lastMessageUnrespondedTo lastSeenAt locale locations matchedAt messageCount metric mobile modifiedBy
  mostRecentLoginAt noteCount outboundAccounts outboundMessageCount preview previewAt priority progressiveStatus queue
  rating ratingPrompt reactions recentLocation redacted replyChannel responseTime rev roleGroups roles satisfaction
  satisfactionLevel score sentAt sentByTeams sentiment confidence polarity sharedSocials sla slaId slas snooze
  snoozeCount snoozed socials spam statusAt subject suggestedShortcuts suggestedTags tags teams timeZone
  unassignedOpen url urls userMentions userType users watchers whatsapps`)

/** Values that say of what kind something is. */
const kinds = split(`
  READY BUILDING CLIENT_ACTION_REQUIRED CONFIGURATION_ERROR SETUP_FAILED DISCONNECTING connector Connector
  api-request-to-external-app connector-operation list-data-records find-data-record-by-id create-data-record
  update-data-record http-request run-javascript universal integration connection connect provide-input mcp
  bad_request not_found not_authenticated access_denied rate_limit_exceeded already_exists connection_is_defunct
  access_token_expired configuration dependency_error action_run action_instance_setup unit_run custom_code concurrency
  lock_timeout internal AxiosError ERR_BAD_REQUEST ERR_BAD_RESPONSE ERR_NETWORK
  ECONNREFUSED ECONNRESET ECONNABORTED ENOTFOUND ETIMEDOUT EPIPE EAI_AGAIN GET POST PUT PATCH DELETE get post application/json
  kustomer Kustomer customer conversation message note company user org team string number integer boolean object array
  null date date-time uri email uuid notfound unauthorized forbidden list show success`)

/** What `actions.json` says. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  const names = Array.isArray(value) ? [] : Object.keys(value)
  return [...names, ...Object.values(value).flatMap(textsIn)]
}
const ofActions = textsIn(snapshotActions)

/** Texts that are kept as a whole. */
export const wholeTexts: ReadonlySet<string> = new Set([
  ...schemaKeywords,
  ...memberNames,
  ...kinds,
  ...ofActions,
  'application/json; charset=utf-8',
  'list customers',
])

export const memberNamesKept: ReadonlySet<string> = new Set([
  ...schemaKeywords,
  ...memberNames,
  ...ofActions.filter((text) => /^\w+$/.test(text)),
  'Authorization',
  'Accept',
])

/** Words of paths. */
export const pathWords: ReadonlySet<string> = new Set(
  split(`https http v1 customers conversations companies users messages notes drafts
    search current email id page pageSize tags teams orgs metadata routing actions connections run connection`),
)

/** Words of commands and of errors. With a capital most of them could be names. */
export const plainWords: ReadonlySet<string> = new Set(
  split(`membrane membranehq cli connection connections list get ensure patch delete action actions run act request search connect login
    logout status start complete help version usage command commands option options flag flags argument unknown unrecognized
    missing required invalid input expected received undefined null at must be a an the to of for with without from is was
    are not found no and or in on error making failed deprecated will removed use instead show print json rate limit exceeded
    too many requests timed out timeout unavailable service internal server http https v1 status code
    econnrefused econnreset econnaborted enotfound etimedout epipe eai again err network socket hang up fetch dns tls
    unauthorized forbidden access token provided session expired please you logged signed string number object integer boolean
    whole id key page pageSize customer customers conversation conversations DEPRECATED Error HTTP HTTPS JSON CLI URL ID DNS
    TLS AxiosError ECONNREFUSED ECONNRESET ECONNABORTED ENOTFOUND ETIMEDOUT EPIPE EAI AGAIN`),
)

/** Words of help texts. */
export const helpWords: ReadonlySet<string> = new Set([
  ...plainWords,
  ...split(`this that it its by as can do does if when where which who what how only also both all any each every other more
    your you new name names value values text file folder path url uri link code user workspace tenant app apps application
    integration integrations connector connectors element elements external proxy relay send sends sent data query header
    headers method body raw parse parsed json output form format set sets add adds create creates change changes update
    replace archive remove find finds filter search page pages limit cursor next first last number count seconds wait waits
    until while before after ready built build building finish sign signs signed out default defaults repeatable repeat
    same such example examples info information details log logs past use uses used instead deprecated global local config
    configuration environment variable read reads write writes open close manage execute call calls session sessions agent
    natural language based one two again already without`),
])
