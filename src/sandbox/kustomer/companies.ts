import { mergeCustom } from './body.ts'
import { created, type Handler } from './call.ts'
import { byId, pageOf } from './list.ts'
import { newResource } from './resource.ts'
import { refuseTakenExternalId } from './revision.ts'
import { tagIds } from './tags.ts'
import { recordOf, textOf } from './values.ts'

/** Filters by `externalId` or by name as `filter`; Kustomer ignores the two when both are given. */
export const listCompanies: Handler = ({ companies }, call) => {
  const externalId = call.query.get('externalId')
  const filter = call.query.get('filter')?.toLowerCase() ?? null
  const both = externalId !== null && filter !== null
  const kept = companies.filter(
    ({ attributes }) =>
      both ||
      ((externalId === null || attributes['externalId'] === externalId) &&
        (filter === null || textOf(attributes['name']).toLowerCase().includes(filter))),
  )
  return pageOf(byId(kept, call), call)
}

/** Throws 409 for an external id that is taken. */
export const createCompany: Handler = (organisation, call) => {
  const { custom, tags, ...body } = recordOf(call.body)
  refuseTakenExternalId(organisation, 'company', body['externalId'])
  const company = newResource(organisation, {
    type: 'company',
    now: call.now,
    attributes: { ...body, tags: tagIds(organisation, tags) },
    relationships: {},
  })
  mergeCustom(company.attributes, custom)
  return created(organisation, company)
}
