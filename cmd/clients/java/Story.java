import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.openapitools.client.api.AgreementsApi;
import org.openapitools.client.api.AttributesApi;
import org.openapitools.client.api.ClientsApi;
import org.openapitools.client.api.EservicesApi;
import org.openapitools.client.api.KeysApi;
import org.openapitools.client.api.PurposesApi;
import org.openapitools.client.api.TenantsApi;
import org.openapitools.client.model.*;

/**
 * Tells the story of an e-service and its consumer to the API, with the default Java client
 * that OpenAPI Generator makes of the official document; it refuses answers with members
 * that are not published. The environment names the files of the two,
 * PRODUCER and CONSUMER, and of a client of the consumer that may only read, READER.
 */
public final class Story {
    private static final DelegationRef NONE = new DelegationRef();

    private final Party producer = new Party(System.getenv("PRODUCER"));
    private final Party consumer = new Party(System.getenv("CONSUMER"));
    private final AgreementsApi agreements = new AgreementsApi(consumer.client);
    private final PurposesApi purposes = new PurposesApi(consumer.client);
    private final String name = "Registry " + System.nanoTime();
    private UUID attribute;
    private UUID eservice;
    private UUID agreement;
    private UUID purpose;

    private Story() throws Exception {}

    public static void main(String[] args) throws Exception {
        var story = new Story();
        story.publish(new EservicesApi(story.producer.client));
        story.agree();
        story.plan();
        story.equip(new ClientsApi(story.consumer.client));
        System.out.println("  " + Party.calls + " calls");
        System.exit(0); // OkHttp's threads stay for a while
    }

    /** Publishes an e-service, for organizations that declare an attribute. */
    private void publish(EservicesApi eservices) throws Exception {
        var seed = new DeclaredAttributeSeed().name(name).description("Declared to read the registry");
        attribute = new AttributesApi(producer.client).createDeclaredAttribute(seed).getId();
        eservice = eservices.createEService(new EServiceSeed()
            .name(name).description("Looks residents up").technology(EServiceTechnology.REST).mode(EServiceMode.DELIVER).personalData(false)
            .descriptor(new DescriptorSeedForEServiceCreation()
                .audience(List.of("registry.example.it/v1")).voucherLifespan(600).dailyCallsPerConsumer(500).dailyCallsTotal(10000)
                .agreementApprovalPolicy(AgreementApprovalPolicy.MANUAL))).getId();
        var descriptor = eservices.getEServiceDescriptors(eservice, 0, 50, null).getResults().get(0).getId();
        var group = new EServiceDescriptorAttributesGroupSeed().attributeIds(List.of(attribute));
        eservices.createEServiceDescriptorDeclaredAttributesGroup(eservice, descriptor, group);
        // An update without an audience has an empty one, which is not valid.
        var update = new EServiceDescriptorDraftUpdateSeed().audience(List.of("registry.example.it/v1")).dailyCallsPerConsumer(1000);
        var updated = eservices.updateDraftEServiceDescriptor(eservice, descriptor, update);
        Party.expect("calls of a consumer", updated.getDailyCallsPerConsumer(), 1000);
        Party.expect("descriptor", eservices.publishDescriptor(eservice, descriptor).getState(), EServiceDescriptorState.PUBLISHED);
    }

    /** Makes an agreement, which the producer approves. */
    private void agree() throws Exception {
        var eservices = new EservicesApi(consumer.client);
        var seen = eservices.getEServices(0, 50, List.of(producer.id), null, name, null, null, null, null, null);
        Party.expect("e-services of that name", seen.getPagination().getTotalCount(), 1);
        var descriptor = eservices.getEServiceDescriptors(eservice, 0, 1, EServiceDescriptorState.PUBLISHED).getResults().get(0).getId();
        agreement = agreements.createAgreement(new AgreementSeed().eserviceId(eservice).descriptorId(descriptor)).getId();
        Party.refused(400, "002-0002", () -> agreements.submitAgreement(agreement, new AgreementSubmission()));
        var tenants = new TenantsApi(consumer.client);
        tenants.assignTenantDeclaredAttribute(consumer.id, new TenantDeclaredAttributeSeed().id(attribute));
        tenants.getTenantDeclaredAttributes(consumer.id, 0, 50, null);
        Party.expect("id of a tenant", tenants.getTenant(producer.id).getId(), producer.id);
        var submitted = agreements.submitAgreement(agreement, new AgreementSubmission().consumerNotes("Soon"));
        Party.expect("submitted agreement", submitted.getState(), AgreementState.PENDING);
        Party.refused(403, "002-0029", () -> agreements.approveAgreement(agreement, NONE));
        var approving = new AgreementsApi(producer.client);
        Party.expect("approved agreement", approving.approveAgreement(agreement, NONE).getState(), AgreementState.ACTIVE);
        Party.refused(409, "017-0014", () -> approving.approveAgreement(agreement, NONE));
    }

    /** Makes a purpose that is above a threshold and waits for approval. */
    private void plan() throws Exception {
        purpose = purposes.createPurpose(new PurposeSeed()
            .eserviceId(eservice).title("Certificates " + name).description("Certificates for residents")
            .isFreeOfCharge(false).dailyCalls(5000)
            .riskAnalysisForm(new RiskAnalysisFormSeed().version("3.1").answers(Map.of("purpose", List.of("INSTITUTIONAL"))))).getId();
        var waiting = purposes.activateDraftPurpose(purpose, NONE).getWaitingForApprovalVersion();
        Party.expect("version above a threshold", waiting.getState(), PurposeVersionState.WAITING_FOR_APPROVAL);
        var approving = new PurposesApi(producer.client);
        var work = approving.getPurposes(0, 50, List.of(eservice), null, null, List.of(PurposeVersionState.WAITING_FOR_APPROVAL));
        Party.expect("purpose that waits", work.getResults().get(0).getId(), purpose);
        var approved = approving.approvePurpose(purpose, NONE).getCurrentVersion();
        Party.expect("approved version", approved.getState(), PurposeVersionState.ACTIVE);
        Party.refused(409, "017-0015", () -> purposes.activateDraftPurpose(purpose, NONE));
        var version = purposes.createPurposeVersion(purpose, new PurposeVersionSeed().dailyCalls(100));
        Party.expect("version below the threshold", version.getState(), PurposeVersionState.ACTIVE);
        Party.expect("versions", purposes.getPurposeVersions(purpose, 0, 50, null).getPagination().getTotalCount(), 2);
        Party.expect("calls left", purposes.getRemainingDailyCalls(purpose).getRemainingDailyCallsPerConsumer(), 900);
    }

    /** Makes a client with a key, which gets a voucher, reads a list in pages and takes back what was made. */
    private void equip(ClientsApi clients) throws Exception {
        var client = clients.createClient(new ClientSeed().name("Portal").members(List.of(consumer.user))).getFullClient().getId();
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        var key = generator.generateKeyPair();
        var pem = "-----BEGIN PUBLIC KEY-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getPublic().getEncoded())
            + "\n-----END PUBLIC KEY-----\n";
        var encoded = Base64.getEncoder().encodeToString(pem.getBytes());
        var seed = new KeySeed().key(encoded).use(KeyUse.SIG).alg("RS256").name("Key of the portal");
        var kid = clients.createClientKey(client, seed).getJwk().getKid();
        Party.expect("client of the key", new KeysApi(consumer.client).getJWKByKid(kid).getClientId(), client);
        clients.addClientPurpose(client, new ClientAddPurpose().purposeId(purpose));
        consumer.token(client.toString(), kid, key.getPrivate(), Party.proofs(), purpose);

        var states = List.of(AgreementState.ACTIVE, AgreementState.PENDING);
        var total = agreements.getAgreements(0, 1, states, null, null, null, null).getPagination().getTotalCount();
        var found = false;
        for (int offset = 0; offset < total; offset++) {
            found |= agreements.getAgreements(offset, 1, states, null, null, null, null).getResults().get(0).getId().equals(agreement);
        }
        Party.expect("the agreement is in pages of one", found, true);
        Party.refused(400, "017-9999", () -> purposes.getPurposes(0, 51, null, null, null, null));
        var reader = new Party(System.getenv("READER"));
        Party.expect("agreement of the reader", new AgreementsApi(reader.client).getAgreement(agreement).getState(), AgreementState.ACTIVE);
        Party.refused(403, "017-9993", () -> new PurposesApi(reader.client).suspendPurpose(purpose, NONE));
        clients.removeClientPurpose(client, purpose);
        clients.deleteClient(client);
        Party.expect("archived purpose", purposes.archivePurpose(purpose).getCurrentVersion().getState(), PurposeVersionState.ARCHIVED);
    }
}
