import { bodySchemaOf, mergeCustom, pick, readBody } from './body.ts'
import { type Call, one, type Reply } from './call.ts'
import { byId, pageOf } from './list.ts'
import { newResource, type Organisation, recordOf, textOf } from './resource.ts'
import { refuseTakenExternalId } from './revision.ts'
import { tagIds } from './tags.ts'

const createSchema = bodySchemaOf('create-company')
const stored = Object.keys(recordOf(createSchema['properties'])).filter(
  (name) => !/^(custom|tags)$/.test(name),
)

/** GET /v1/companies: by `externalId` or by name as `filter`; given both, Kustomer ignores the two. */
export function listCompanies({ companies }: Organisation, call: Call): Reply {
  const externalId = call.query.get('externalId')
  const filter = call.query.get('filter')
  const both = externalId !== null && filter !== null
  const kept = companies.filter(
    ({ attributes }) =>
      both ||
      ((externalId === null || attributes['externalId'] === externalId) &&
        (filter === null || textOf(attributes['name']).toLowerCase().includes(filter.toLowerCase()))),
  )
  return pageOf(byId(kept, call), call)
}

/** POST /v1/companies. Throws 409 for an external id that is taken. */
export function createCompany(organisation: Organisation, call: Call): Reply {
  const body = readBody(call, createSchema)
  refuseTakenExternalId(organisation.companies, '', body['externalId'])
  const lists = { emails: [], phones: [], whatsapps: [], socials: [], urls: [], domains: [], locations: [] }
  const company = newResource(organisation, {
    type: 'company',
    now: call.now,
    attributes: {
      ...{ externalId: null, ...lists, employeeCount: null, custom: {} },
      ...pick(body, stored),
      tags: tagIds(organisation, body['tags']),
    },
    relationships: {},
  })
  mergeCustom(company.attributes, body['custom'])
  organisation.companies.push(company)
  return one(company, 201)
}
