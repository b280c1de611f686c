"""Tells the story of an e-service and its consumer to the API, with the client that
openapi-python-client makes of the official document. The environment names the files of the
two, PRODUCER and CONSUMER, and of a client of the consumer that may only read, READER.
"""

import os
import time
from base64 import b64encode

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

import party
from pdnd.api.agreements import approve_agreement, create_agreement, get_agreement, get_agreements, submit_agreement
from pdnd.api.attributes import create_declared_attribute
from pdnd.api.clients import add_client_purpose, create_client, delete_client, remove_client_purpose
from pdnd.api.eservices import (
    create_e_service,
    create_e_service_descriptor_declared_attributes_group,
    get_e_service_descriptors,
    get_e_services,
    publish_descriptor,
    update_draft_e_service_descriptor,
)
from pdnd.api.purposes import (
    activate_draft_purpose,
    approve_purpose,
    archive_purpose,
    create_purpose,
    create_purpose_version,
    get_purpose_versions,
    get_purposes,
    get_remaining_daily_calls,
    suspend_purpose,
)
from pdnd.api.tenants import assign_tenant_declared_attribute, get_tenant, get_tenant_declared_attributes
from pdnd.models import (
    AgreementApprovalPolicy,
    AgreementSeed,
    AgreementState,
    AgreementSubmission,
    ClientAddPurpose,
    ClientSeed,
    DeclaredAttributeSeed,
    DelegationRef,
    DescriptorSeedForEServiceCreation,
    EServiceDescriptorAttributesGroupSeed,
    EServiceDescriptorDraftUpdateSeed,
    EServiceDescriptorState,
    EServiceMode,
    EServiceSeed,
    EServiceTechnology,
    KeySeed,
    KeyUse,
    PurposeSeed,
    PurposeVersionSeed,
    PurposeVersionState,
    RiskAnalysisFormSeed,
    TenantDeclaredAttributeSeed,
)

producer, consumer = party.Party(os.environ["PRODUCER"]), party.Party(os.environ["CONSUMER"])
page = {"offset": 0, "limit": 50}
name = f"Registry {time.time_ns()}"
none = DelegationRef()

# An e-service for organizations that declare an attribute.
assert producer.call(get_tenant, consumer.id).id == consumer.id
attribute = producer.call(create_declared_attribute, body=DeclaredAttributeSeed(name=name, description="Declared to read the registry")).id
eservice = producer.call(create_e_service, body=EServiceSeed(
    name=name, description="Looks residents up", technology=EServiceTechnology.REST, mode=EServiceMode.DELIVER, personal_data=False,
    descriptor=DescriptorSeedForEServiceCreation(
        audience=["registry.example.it/v1"], voucher_lifespan=600, daily_calls_per_consumer=500, daily_calls_total=10000,
        agreement_approval_policy=AgreementApprovalPolicy.MANUAL,
    ),
)).id
descriptor = producer.call(get_e_service_descriptors, eservice, **page).results[0].id
group = EServiceDescriptorAttributesGroupSeed(attribute_ids=[attribute])
producer.call(create_e_service_descriptor_declared_attributes_group, eservice, descriptor, body=group)
update = EServiceDescriptorDraftUpdateSeed(daily_calls_per_consumer=1000)
assert producer.call(update_draft_e_service_descriptor, eservice, descriptor, body=update).daily_calls_per_consumer == 1000
assert producer.call(publish_descriptor, eservice, descriptor).state == EServiceDescriptorState.PUBLISHED

# An agreement, which the producer approves.
assert consumer.call(get_e_services, name=name, producer_ids=[producer.id], **page).pagination.total_count == 1
agreement = consumer.call(create_agreement, body=AgreementSeed(eservice_id=eservice, descriptor_id=descriptor)).id
consumer.refused(400, "002-0002", submit_agreement, agreement, body=AgreementSubmission())
consumer.call(assign_tenant_declared_attribute, consumer.id, body=TenantDeclaredAttributeSeed(id=attribute))
assert attribute in [declared.id for declared in consumer.call(get_tenant_declared_attributes, consumer.id, **page).results]
assert consumer.call(submit_agreement, agreement, body=AgreementSubmission(consumer_notes="Soon")).state == AgreementState.PENDING
consumer.refused(403, "002-0029", approve_agreement, agreement, body=none)
assert producer.call(approve_agreement, agreement, body=none).state == AgreementState.ACTIVE
producer.refused(409, "017-0014", approve_agreement, agreement, body=none)

# A purpose that is above a threshold and waits for approval.
purpose = consumer.call(create_purpose, body=PurposeSeed(
    eservice_id=eservice, title="Certificates " + name, description="Certificates for residents", is_free_of_charge=False, daily_calls=5000,
    risk_analysis_form=RiskAnalysisFormSeed(version="3.1", answers={"purpose": ["INSTITUTIONAL"]}),
)).id
waiting = consumer.call(activate_draft_purpose, purpose, body=none)
assert waiting.waiting_for_approval_version.state == PurposeVersionState.WAITING_FOR_APPROVAL
work = producer.call(get_purposes, eservice_ids=[eservice], states=[PurposeVersionState.WAITING_FOR_APPROVAL], **page)
assert [waits.id for waits in work.results] == [purpose]
assert producer.call(approve_purpose, purpose, body=none).current_version.state == PurposeVersionState.ACTIVE
consumer.refused(409, "017-0015", activate_draft_purpose, purpose, body=none)
assert consumer.call(create_purpose_version, purpose, body=PurposeVersionSeed(daily_calls=100)).state == PurposeVersionState.ACTIVE
assert consumer.call(get_purpose_versions, purpose, **page).pagination.total_count == 2
assert consumer.call(get_remaining_daily_calls, purpose).remaining_daily_calls_per_consumer == 900

# A client with a key gets a voucher.
client = consumer.call(create_client, body=ClientSeed(name="Portal", members=[consumer.user])).id
key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
seed = KeySeed(key=b64encode(public).decode(), use=KeyUse.SIG, alg="RS256", name="Key of the portal")
kid = consumer.key("POST", f"/clients/{client}/keys", seed.to_dict())["jwk"]["kid"]
assert consumer.key("GET", "/keys/" + kid)["clientId"] == str(client)
consumer.call(add_client_purpose, client, body=ClientAddPurpose(purpose_id=purpose))
party.ask_for_token({**consumer.config, "clientId": str(client), "kid": kid, "privateKey": key}, party.DPoP(), purpose)

# Lists in pages of one; what is not valid; and the end.
states = [AgreementState.ACTIVE, AgreementState.PENDING]
total = consumer.call(get_agreements, states=states, offset=0, limit=1).pagination.total_count
assert agreement in [consumer.call(get_agreements, states=states, offset=n, limit=1).results[0].id for n in range(total)]
consumer.refused(400, "017-9999", get_purposes, offset=0, limit=51)
reader = party.Party(os.environ["READER"])
assert reader.call(get_agreement, agreement).state == AgreementState.ACTIVE
reader.refused(403, "017-9993", suspend_purpose, purpose, body=none)
consumer.call(remove_client_purpose, client, purpose)
consumer.call(delete_client, client)
assert consumer.call(archive_purpose, purpose).current_version.state == PurposeVersionState.ARCHIVED
print(f"  {party.calls} calls")
