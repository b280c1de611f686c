// Tells the story of an e-service and its consumer to the API, with the client that
// openapi-typescript and openapi-fetch make of the official document. The environment names
// the files of the two, PRODUCER and CONSUMER, and of a client of the consumer that may only read, READER.
import { generateKeyPair } from 'dpop'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { counted, done, expect, party, refused, token, type Party } from './party.mjs'

const producer = await party(process.env.PRODUCER!)
const consumer = await party(process.env.CONSUMER!)
const page = { offset: 0, limit: 50 }
const name = `Registry ${Date.now()}`

// published publishes an e-service, for organizations that declare an attribute.
async function published() {
  const attribute = await done(producer.api.POST('/declaredAttributes', { body: { name, description: 'Declared to read the registry' } }))
  const eservice = await done(producer.api.POST('/eservices', {
    body: {
      name, description: 'Looks residents up', technology: 'REST', mode: 'DELIVER', personalData: false,
      descriptor: {
        audience: ['registry.example.it/v1'], voucherLifespan: 600, dailyCallsPerConsumer: 500, dailyCallsTotal: 10000,
        agreementApprovalPolicy: 'MANUAL',
      },
    },
  }))
  const descriptors = await done(producer.api.GET('/eservices/{eserviceId}/descriptors', {
    params: { path: { eserviceId: eservice.id }, query: page },
  }))
  const path = { eserviceId: eservice.id, descriptorId: descriptors.results[0]!.id }
  const body = { attributeIds: [attribute.id] }
  await done(producer.api.POST('/eservices/{eserviceId}/descriptors/{descriptorId}/declaredAttributes/groups', { params: { path }, body }))
  const changed = await done(producer.api.PATCH('/eservices/{eserviceId}/descriptors/{descriptorId}', {
    params: { path }, body: { dailyCallsPerConsumer: 1000 }, headers: { 'Content-Type': 'application/merge-patch+json' },
  }))
  expect('calls of a consumer', changed.dailyCallsPerConsumer, 1000)
  const descriptor = await done(producer.api.POST('/eservices/{eserviceId}/descriptors/{descriptorId}/publish', { params: { path } }))
  expect('descriptor', descriptor.state, 'PUBLISHED')
  return { attributeId: attribute.id, ...path }
}

// agreed makes an agreement on the e-service, which the producer approves.
async function agreed({ attributeId, ...ids }: Awaited<ReturnType<typeof published>>) {
  const seen = await done(consumer.api.GET('/eservices', { params: { query: { ...page, name, producerIds: [producer.id] } } }))
  expect('e-services of that name', seen.pagination.totalCount, 1)
  const agreement = await done(consumer.api.POST('/agreements', { body: ids }))
  const path = { agreementId: agreement.id }
  await refused(400, '002-0002', consumer.api.POST('/agreements/{agreementId}/submit', { params: { path }, body: {} }))
  const tenant = { tenantId: consumer.id }
  await done(consumer.api.POST('/tenants/{tenantId}/declaredAttributes', { params: { path: tenant }, body: { id: attributeId } }))
  await done(consumer.api.GET('/tenants/{tenantId}/declaredAttributes', { params: { path: tenant, query: page } }))
  const submitted = await done(consumer.api.POST('/agreements/{agreementId}/submit', { params: { path }, body: {} }))
  expect('submitted agreement', submitted.state, 'PENDING')
  await refused(403, '002-0029', consumer.api.POST('/agreements/{agreementId}/approve', { params: { path }, body: {} }))
  const approved = await done(producer.api.POST('/agreements/{agreementId}/approve', { params: { path }, body: {} }))
  expect('approved agreement', approved.state, 'ACTIVE')
  await refused(409, '017-0014', producer.api.POST('/agreements/{agreementId}/approve', { params: { path }, body: {} }))
  return agreement.id
}

// purposed makes a purpose that is above a threshold and waits for approval.
async function purposed(eserviceId: string) {
  const purpose = await done(consumer.api.POST('/purposes', {
    body: {
      eserviceId, title: `Certificates ${name}`, description: 'Certificates for residents', isFreeOfCharge: false, dailyCalls: 5000,
      riskAnalysisForm: { version: '3.1', answers: { purpose: ['INSTITUTIONAL'] } },
    },
  }))
  const path = { purposeId: purpose.id }
  const waiting = await done(consumer.api.POST('/purposes/{purposeId}/activate', { params: { path }, body: {} }))
  expect('purpose above a threshold', waiting.waitingForApprovalVersion?.state, 'WAITING_FOR_APPROVAL')
  const work = await done(producer.api.GET('/purposes', {
    params: { query: { ...page, eserviceIds: [eserviceId], states: ['WAITING_FOR_APPROVAL'] } },
  }))
  expect('purposes that wait', work.results[0]?.id, purpose.id)
  const approved = await done(producer.api.POST('/purposes/{purposeId}/approve', { params: { path }, body: {} }))
  expect('approved purpose', approved.currentVersion?.state, 'ACTIVE')
  await refused(409, '017-0015', consumer.api.POST('/purposes/{purposeId}/activate', { params: { path }, body: {} }))
  const version = await done(consumer.api.POST('/purposes/{purposeId}/versions', { params: { path }, body: { dailyCalls: 100 } }))
  expect('version below the threshold', version.state, 'ACTIVE')
  const versions = await done(consumer.api.GET('/purposes/{purposeId}/versions', { params: { path, query: page } }))
  expect('versions', versions.pagination.totalCount, 2)
  const left = await done(consumer.api.GET('/purposes/{purposeId}/remainingDailyCalls', { params: { path } }))
  expect('calls left', left.remainingDailyCallsPerConsumer, 900)
  return purpose.id
}

// equipped makes a client with a key, links it to the purpose and gets a voucher.
async function equipped(purposeId: string) {
  const client = await done(consumer.api.POST('/clients', { body: { name: 'Portal', members: [consumer.user] } }))
  const path = { clientId: client.id }
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' })
  const key = await done(consumer.api.POST('/clients/{clientId}/keys', {
    params: { path }, body: { key: Buffer.from(pem).toString('base64'), use: 'SIG', alg: 'RS256', name: 'Key of the portal' },
  }))
  await done(consumer.api.GET('/keys/{kid}', { params: { path: { kid: key.jwk.kid } } }))
  await done(consumer.api.POST('/clients/{clientId}/purposes', { params: { path }, body: { purposeId } }))
  const secret = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  const config = { ...consumer.config, clientId: client.id, kid: key.jwk.kid, privateKey: secret }
  await token(config, await generateKeyPair('ES256'), purposeId)
  return path
}

// paged reads a list in pages of one.
async function paged(from: Party) {
  const ids: string[] = []
  for (let offset = 0, total = 1; offset < total; offset++) {
    const { results, pagination } = await done(from.api.GET('/agreements', {
      params: { query: { offset, limit: 1, states: ['ACTIVE', 'PENDING'] } },
    }))
    total = pagination.totalCount
    ids.push(...results.map((agreement) => agreement.id))
  }
  return ids
}

const eservice = await published()
const agreement = await agreed(eservice)
const purpose = await purposed(eservice.eserviceId)
const client = await equipped(purpose)
expect('the agreement is in pages of one', (await paged(consumer)).includes(agreement), true)
await refused(400, '017-9999', consumer.api.GET('/purposes', { params: { query: { offset: 0, limit: 51 } } }))
const reader = await party(process.env.READER!)
expect('agreement of the reader', (await paged(reader)).includes(agreement), true)
await refused(403, '017-9993', reader.api.POST('/purposes/{purposeId}/suspend', { params: { path: { purposeId: purpose } }, body: {} }))
await done(consumer.api.DELETE('/clients/{clientId}/purposes/{purposeId}', { params: { path: { ...client, purposeId: purpose } } }))
await done(consumer.api.DELETE('/clients/{clientId}', { params: { path: client } }))
const archived = await done(consumer.api.POST('/purposes/{purposeId}/archive', { params: { path: { purposeId: purpose } } }))
expect('archived purpose', archived.currentVersion?.state, 'ARCHIVED')
console.log(`  ${counted.calls} calls`)
