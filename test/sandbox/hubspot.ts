// The pretend HubSpot: contacts and companies of an account, notes and tasks written to them. It refuses what HubSpot
// refuses. https://developers.hubspot.com/docs/api-reference
import type { FastifyReply } from 'fastify'
import { openBooth } from './booth.ts'
import type { Booth } from './booth.ts'
import type { Faults, Instant, JournalEntry } from './types.ts'
import {
  batchAssociations, batchRead, createObject, listObjects, readAssociations, readObject, updateObject
} from './hubspot-objects.ts'
import { createGroup, createProperty, listOwners, readOwner, showProperty } from './hubspot-setup.ts'
import { addObject, addOwner, changeObject, getObject, isJson, link, linksOf, makeAccount, Refusal, typeOf } from './hubspot-records.ts'
import type { CrmObject, Json, ObjectType, Owner, PropertyDefinition } from './hubspot-records.ts'
import { searchObjects } from './hubspot-search.ts'

export interface HubspotOptions {
  port?: number
  limits?: boolean                                  // refuse beyond the limits; default: only count
  scopes?: string[]                                 // default: all that Deskloop needs
}

export interface PretendHubspot {
  name: 'hubspot'
  url: string
  settings: { HUBSPOT_URL: string, HUBSPOT_ACCESS_TOKEN: string }
  booth: Booth
  // What people do there. Each gives back the id.
  addOwner (o: { at: Instant, email: string, firstName: string, lastName: string }): string
  addCompany (o: { at: Instant, properties: Record<string, string> }): string
  /** The first company is the primary one. */
  addContact (o: { at: Instant, properties: Record<string, string>, companies?: string[] }): string
  addProperty (type: ObjectType, o: { name: string, type?: string, options?: string[] }): void
  edit (type: ObjectType, id: string, o: { at: Instant, properties: Record<string, string | null> }): void
  archive (type: ObjectType, id: string): void
  // What is there now: copies.
  contacts (): CrmObject[]
  companies (): CrmObject[]
  notes (): CrmObject[]
  tasks (): CrmObject[]
  owners (): Owner[]
  properties (type: ObjectType): PropertyDefinition[]
  associations (type: ObjectType, id: string, to: ObjectType): Array<{ id: string, kinds: number[] }>
  setNow (at: Instant | null): void
  faults: Faults
  readonly journal: JournalEntry[]
  readonly requests: Booth['requests']
  close (): Promise<void>
}

const TOKEN = 'pat-eu1-00000000-sand-box0-0000-000000000000'
const SCOPES = ['crm.objects.contacts.read', 'crm.objects.contacts.write', 'crm.objects.companies.read',
  'crm.objects.companies.write', 'crm.objects.owners.read', 'crm.schemas.companies.read', 'crm.schemas.companies.write',
  'crm.schemas.contacts.read', 'crm.schemas.contacts.write']
const LIMITS = { burst: 190, burstMs: 10_000, daily: 650_000, searches: 5 }

interface Params { type: string, id: string, to: string }
interface Call { Params: Params, Querystring: Json }

export async function openHubspot (options: HubspotOptions = {}): Promise<PretendHubspot> {
  const scopes = options.scopes ?? SCOPES
  const recent = { all: [] as number[], searches: [] as number[], today: 0 }
  const booth = openBooth({
    name: 'hubspot',
    isWrite: request => request.method !== 'GET' && !/\/(search|batch\/read)$/.test(request.url.split('?')[0] ?? ''),
    rateLimited: reply => tooMany(reply, 'TEN_SECONDLY_ROLLING'),
    broken: reply => refuse(reply, new Refusal(500, '', 'internal error')),
    headers (reply) {
      recent.all = [...recent.all.filter(at => at > Date.now() - LIMITS.burstMs), Date.now()]
      recent.today++
      reply.header('x-hubspot-ratelimit-max', String(LIMITS.burst))
      reply.header('x-hubspot-ratelimit-remaining', String(Math.max(0, LIMITS.burst - recent.all.length)))
      reply.header('x-hubspot-ratelimit-interval-milliseconds', String(LIMITS.burstMs))
      reply.header('x-hubspot-ratelimit-daily', String(LIMITS.daily))
      reply.header('x-hubspot-ratelimit-daily-remaining', String(Math.max(0, LIMITS.daily - recent.today)))
    }
  })
  const account = makeAccount(booth)
  const { app } = booth

  function refuse (reply: FastifyReply, { status, category, message, more }: Refusal): FastifyReply {
    const correlationId = account.correlationId()
    const named = category === '' ? {} : { category }
    return reply.code(status).header('x-hubspot-correlation-id', correlationId)
      .send({ status: 'error', message, correlationId, ...named, ...more })
  }
  function tooMany (reply: FastifyReply, policyName: 'SECONDLY' | 'TEN_SECONDLY_ROLLING' | 'DAILY'): FastifyReply {
    const message = `You have reached your ${policyName.toLowerCase()} limit.`
    return refuse(reply, new Refusal(429, '', message, { errorType: 'RATE_LIMIT', policyName }))
  }
  function need (scope: string): void {
    if (scopes.includes(scope)) return
    throw new Refusal(403, 'MISSING_SCOPES', 'This app is missing a scope that this call requires.', {
      errors: [{ message: 'One or more of the following scopes are required.', context: { requiredGranularScopes: [scope] } }],
      links: { scopes: 'https://developers.hubspot.com/scopes' }
    })
  }
  const needFor = (type: ObjectType, what: 'read' | 'write'): ObjectType => {
    need(`crm.objects.${type === 'companies' ? 'companies' : 'contacts'}.${what}`)
    return type
  }
  const bodyOf = (body: unknown): Json => {
    if (!isJson(body)) throw new Refusal(400, 'VALIDATION_ERROR', 'Invalid input JSON: the body must be an object')
    return body
  }

  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof Refusal) return refuse(reply, error)
    const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
    if (status < 500) return refuse(reply, new Refusal(status, 'VALIDATION_ERROR', 'Invalid input JSON'))
    throw error
  })
  app.setNotFoundHandler((_request, reply) => refuse(reply, new Refusal(404, 'OBJECT_NOT_FOUND', 'resource not found')))
  app.addHook('preHandler', async (request, reply) => {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    if (token !== TOKEN) {
      const message = token === undefined
        ? 'Authentication credentials not found. This API supports OAuth 2.0 authentication.'
        : 'The access token is invalid or has been revoked.'
      return refuse(reply, new Refusal(401, 'INVALID_AUTHENTICATION', message))
    }
    if (options.limits === true && recent.all.length > LIMITS.burst) return tooMany(reply, 'TEN_SECONDLY_ROLLING')
  })

  app.post<Call>('/crm/v3/objects/:type/search', async (request, reply) => {
    for (const name of Object.keys(reply.getHeaders())) if (name.startsWith('x-hubspot-ratelimit')) reply.removeHeader(name)
    recent.searches = [...recent.searches.filter(at => at > Date.now() - 1_000), Date.now()]
    if (options.limits === true && recent.searches.length > LIMITS.searches) return tooMany(reply, 'SECONDLY')
    return searchObjects(account, needFor(typeOf(request.params.type), 'read'), bodyOf(request.body))
  })
  app.post<Call>('/crm/v3/objects/:type/batch/read', async (request, reply) => {
    const { status, answer } = batchRead(account, needFor(typeOf(request.params.type), 'read'), bodyOf(request.body))
    return reply.code(status).send(answer)
  })
  app.get<Call>('/crm/v3/objects/:type', async request =>
    listObjects(account, needFor(typeOf(request.params.type), 'read'), request.query))
  app.get<Call>('/crm/v3/objects/:type/:id', async ({ params, query }) =>
    readObject(account, needFor(typeOf(params.type), 'read'), params.id, query))
  app.patch<Call>('/crm/v3/objects/:type/:id', async ({ params, query, body }) =>
    updateObject(account, needFor(typeOf(params.type), 'write'), params.id, query, bodyOf(body)))
  app.post<Call>('/crm/v3/objects/:type', async (request, reply) => {
    const answer = createObject(account, needFor(typeOf(request.params.type), 'write'), bodyOf(request.body))
    return reply.code(201).send(answer)
  })
  app.get<Call>('/crm/v4/objects/:type/:id/associations/:to', async ({ params, query }) =>
    readAssociations(account, needFor(typeOf(params.type), 'read'), params.id, typeOf(params.to), query))
  app.post<Call>('/crm/v4/associations/:type/:to/batch/read', async ({ params, body }, reply) => {
    const from = needFor(typeOf(params.type), 'read')
    const { status, answer } = batchAssociations(account, from, typeOf(params.to), bodyOf(body))
    return reply.code(status).send(answer)
  })
  app.get<Call>('/crm/v3/owners', async ({ query }) => {
    need('crm.objects.owners.read')
    return listOwners(account, query)
  })
  app.get<Call>('/crm/v3/owners/:id', async ({ params, query }) => {
    need('crm.objects.owners.read')
    return readOwner(account, params.id, query)
  })
  app.get<Call>('/crm/v3/properties/:type', async ({ params }) => {
    const type = needFor(typeOf(params.type), 'read')
    return { results: [...account.definitions[type].values()].map(showProperty) }
  })
  app.get<Call>('/crm/v3/properties/:type/:id', async ({ params }) => {
    const known = account.definitions[needFor(typeOf(params.type), 'read')].get(params.id)
    if (known === undefined) throw new Refusal(404, 'OBJECT_NOT_FOUND', `Property ${params.id} does not exist`)
    return showProperty(known)
  })
  app.post<Call>('/crm/v3/properties/:type/groups', async ({ params, body }, reply) => {
    need(`crm.schemas.${typeOf(params.type) === 'companies' ? 'companies' : 'contacts'}.write`)
    return reply.code(201).send(createGroup(account, bodyOf(body)))
  })
  app.post<Call>('/crm/v3/properties/:type', async ({ params, body }, reply) => {
    const type = typeOf(params.type)
    need(`crm.schemas.${type === 'companies' ? 'companies' : 'contacts'}.write`)
    return reply.code(201).send(showProperty(createProperty(account, type, bodyOf(body))))
  })

  const url = await booth.listen(options.port)
  const copies = (type: ObjectType): CrmObject[] => structuredClone([...account.objects[type].values()])
  return {
    name: 'hubspot',
    url,
    settings: { HUBSPOT_URL: url, HUBSPOT_ACCESS_TOKEN: TOKEN },
    booth,
    addOwner ({ at, ...owner }) {
      booth.tell(at)
      return addOwner(account, owner)
    },
    addCompany (o) {
      booth.tell(o.at)
      return addObject(account, 'companies', o.properties).id
    },
    addContact (o) {
      booth.tell(o.at)
      const contact = addObject(account, 'contacts', o.properties)
      for (const [i, id] of (o.companies ?? []).entries()) link(account, contact, getObject(account, 'companies', id), i === 0)
      return contact.id
    },
    addProperty (type, o) {
      const options = (o.options ?? []).map(value => ({ label: value, value }))
      createProperty(account, type, {
        name: o.name, label: o.name, type: o.type ?? 'string', options, groupName: [...account.definitions[type].values()][0]?.groupName,
        fieldType: options.length > 0 ? 'select' : 'text'
      })
    },
    edit (type, id, o) {
      booth.tell(o.at)
      changeObject(account, getObject(account, type, id), o.properties)
    },
    archive (type, id) { getObject(account, type, id).archived = true },
    contacts: () => copies('contacts'),
    companies: () => copies('companies'),
    notes: () => copies('notes'),
    tasks: () => copies('tasks'),
    owners: () => structuredClone([...account.owners.values()]),
    properties: type => structuredClone([...account.definitions[type].values()]),
    associations: (type, id, to) => linksOf(account, type, id, to),
    setNow: booth.setNow,
    get faults () { return booth.faults },
    set faults (faults) { booth.faults = faults },
    get journal () { return booth.journal },
    get requests () { return booth.requests },
    close: booth.close
  }
}
