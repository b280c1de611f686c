import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.ClientCredentialsGrant;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.auth.PrivateKeyJWT;
import com.nimbusds.oauth2.sdk.dpop.DPoPProofFactory;
import com.nimbusds.oauth2.sdk.dpop.DefaultDPoPProofFactory;
import com.nimbusds.oauth2.sdk.token.DPoPAccessToken;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.Pair;

/**
 * An organization that calls the API: its configuration is the answer of the sandbox's
 * GET /_local/client, in a file. Its access token is bound to a new key, and every call of
 * the generated client has a proof by that key. Nimbus makes assertions and proofs.
 */
final class Party {
    static int calls; // those for tokens too

    final UUID id;
    final UUID user;
    final ApiClient client;
    private final JsonObject config;
    private final DPoPProofFactory proofs = proofs();
    private final DPoPAccessToken token;

    Party(String file) throws Exception {
        config = JsonParser.parseString(Files.readString(Path.of(file))).getAsJsonObject();
        var der = Base64.getMimeDecoder().decode(text("privateKey").replaceAll("-----[A-Z ]+-----", ""));
        var key = KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der));
        token = token(text("clientId"), text("kid"), key, proofs, null);
        id = UUID.fromString(text("organizationId"));
        user = UUID.fromString(text("userId"));
        client = new SignedIn().setBasePath(text("apiUrl"));
    }

    private String text(String member) {
        return config.get(member).getAsString();
    }

    /** Makes proofs by a new key. */
    static DPoPProofFactory proofs() throws JOSEException {
        ECKey key = new ECKeyGenerator(Curve.P_256).generate();
        return new DefaultDPoPProofFactory(key, JWSAlgorithm.ES256);
    }

    /** Gets an access token of an API client, or a voucher for a purpose, bound to the key of proofs. */
    DPoPAccessToken token(String client, String kid, PrivateKey key, DPoPProofFactory proofs, UUID purpose) throws Exception {
        var now = new Date();
        var claims = new JWTClaimsSet.Builder().issuer(client).subject(client).audience(text("audience"))
            .jwtID(UUID.randomUUID().toString()).issueTime(now).expirationTime(new Date(now.getTime() + 60_000));
        if (purpose != null) {
            claims.claim("purposeId", purpose.toString());
        }
        var assertion = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(kid).build(), claims.build());
        assertion.sign(new RSASSASigner(key));
        var endpoint = URI.create(text("tokenEndpoint"));
        var request = new TokenRequest.Builder(endpoint, new PrivateKeyJWT(assertion), new ClientCredentialsGrant())
            .build().toHTTPRequest();
        request.setDPoP(proofs.createDPoPJWT("POST", endpoint));
        calls++;
        var answer = TokenResponse.parse(request.send());
        if (!answer.indicatesSuccess()) {
            throw new IOException("no token: " + answer.toErrorResponse().toJSONObject());
        }
        return answer.toSuccessResponse().getTokens().getDPoPAccessToken();
    }

    /** Authenticates each call; the generated client cannot, because it does not know the scheme DPoP. */
    private final class SignedIn extends ApiClient {
        @Override
        public void updateParamsForAuth(String[] names, List<Pair> query, Map<String, String> headers, Map<String, String> cookies,
                                        String payload, String method, URI uri) throws ApiException {
            calls++;
            try {
                var address = URI.create(uri.toString().replaceFirst("\\?.*", ""));
                headers.put("DPoP", proofs.createDPoPJWT(method, address, token).serialize());
            } catch (JOSEException e) {
                throw new ApiException(e);
            }
            headers.put("Authorization", token.toAuthorizationHeader());
        }
    }

    /** Makes a call. */
    interface Call {
        Object make() throws ApiException;
    }

    /** Fails unless a call is refused with that status and code. */
    static void refused(int status, String code, Call call) {
        try {
            call.make();
        } catch (ApiException e) {
            if (e.getCode() != status || !e.getResponseBody().contains("\"code\":\"" + code + "\"")) {
                throw new AssertionError("not refused with " + status + " " + code, e);
            }
            return;
        }
        throw new AssertionError("not refused with " + status + " " + code);
    }

    /** Fails unless something is as it should be. */
    static void expect(String what, Object got, Object want) {
        if (!want.equals(got)) {
            throw new AssertionError(what + ": " + got + " instead of " + want);
        }
    }
}
