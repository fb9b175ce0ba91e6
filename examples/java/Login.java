import java.math.BigInteger;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPrivateKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Access token, login and bulk check from Java 17 or newer, with the JDK alone:
 *
 * <pre>java Login.java</pre>
 *
 * MYKEY_URL   the platform            http://localhost:8080
 * MYKEY_KEY   the client's JWK file   .sandbox/8080/client.jwk
 * JLIS_URL    the sandbox's cards     http://127.0.0.1:8081
 */
public final class Login {
    private static final String PLATFORM = environment("MYKEY_URL", "http://localhost:8080");
    private static final String KEY_FILE = environment("MYKEY_KEY", ".sandbox/8080/client.jwk");
    private static final String JLIS = environment("JLIS_URL", "http://127.0.0.1:8081");

    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();

    public static void main(String[] arguments) throws Exception {
        String token = takeToken();

        String card = post(JLIS + "/control/cards", "{}", null);
        String certificate = text(card, "certificate");
        String challenge = text(post(PLATFORM + "/v1/challenges", "{}", token), "challenge");
        String login = post(
                PLATFORM + "/v1/authentications",
                object("challenge", challenge,
                        "certificate", certificate,
                        "signature", cardSigns(text(card, "cardId"), challenge)),
                token);
        System.out.println("ppid " + text(login, "ppid"));

        String check = post(
                PLATFORM + "/v1/revocations/check",
                "{\"issuer\": \"user-authentication-2023\", \"serials\": [\"" + text(card, "serial") + "\"]}",
                token);
        System.out.println("good " + integer(check, "good") + " of " + integer(check, "total")
                + ", list of " + text(check, "thisUpdate"));
    }

    /** OAuth 2.0 client credentials with private_key_jwt (RFC 7523): a new assertion for every request. */
    private static String takeToken() throws Exception {
        String jwk = Files.readString(Path.of(KEY_FILE));
        String clientId = text(jwk, "client_id");
        long now = Instant.now().getEpochSecond();
        String header = object("alg", "ES256", "kid", text(jwk, "kid"), "typ", "JWT");
        String claims = "{\"iss\":\"" + clientId + "\",\"sub\":\"" + clientId
                + "\",\"aud\":\"" + PLATFORM + "/oauth2/token\",\"jti\":\"" + UUID.randomUUID()
                + "\",\"iat\":" + now + ",\"exp\":" + (now + 120) + "}";
        String signed = base64url(header.getBytes(StandardCharsets.UTF_8))
                + "." + base64url(claims.getBytes(StandardCharsets.UTF_8));
        // RFC 7518 section 3.4: r and s as 32 octets each, not DER.
        Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
        signature.initSign(privateKey(text(jwk, "d")));
        signature.update(signed.getBytes(StandardCharsets.US_ASCII));
        String form = "grant_type=client_credentials"
                + "&client_assertion_type=" + URLEncoder.encode(
                        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", StandardCharsets.UTF_8)
                + "&client_assertion=" + signed + "." + base64url(signature.sign());
        return text(
                send(PLATFORM + "/oauth2/token", "application/x-www-form-urlencoded", form, null),
                "access_token");
    }

    private static PrivateKey privateKey(String d) throws Exception {
        AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
        curve.init(new ECGenParameterSpec("secp256r1"));
        BigInteger scalar = new BigInteger(1, Base64.getUrlDecoder().decode(d));
        return KeyFactory.getInstance("EC").generatePrivate(
                new ECPrivateKeySpec(scalar, curve.getParameterSpec(ECParameterSpec.class)));
    }

    /** The sandbox's virtual card; in production a card reader or the person's phone does this. */
    private static String cardSigns(String cardId, String challenge) throws Exception {
        String body = object("pin", "1234", "text", challenge);
        return text(post(JLIS + "/control/cards/" + cardId + "/sign", body, null), "signature");
    }

    private static String post(String url, String json, String token) throws Exception {
        return send(url, "application/json", json, token);
    }

    private static String send(String url, String type, String body, String token) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url))
                .timeout(Duration.ofSeconds(30))
                .header("content-type", type)
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (token != null) request.header("authorization", "Bearer " + token);
        HttpResponse<String> response =
                HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() / 100 == 2) return response.body();
        // RFC 9457, or RFC 6749 section 5.2 with the code beside "error".
        throw new IllegalStateException(response.statusCode() + " " + response.body());
    }

    /** The first member of that name; a real client reads JSON with the library that it has. */
    private static String text(String json, String name) {
        return member(json, name, "\"([^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+)\"").replace("\\n", "\n").replace("\\/", "/");
    }

    private static String integer(String json, String name) {
        return member(json, name, "(\\d+)");
    }

    private static String member(String json, String name, String value) {
        Matcher found = Pattern.compile("\"" + name + "\"\\s*:\\s*" + value).matcher(json);
        if (!found.find()) throw new IllegalStateException("no member " + name);
        return found.group(1);
    }

    private static String object(String... pairs) {
        StringBuilder json = new StringBuilder("{");
        for (int i = 0; i < pairs.length; i += 2) {
            json.append(i == 0 ? "" : ",").append('"').append(pairs[i]).append("\":\"")
                    .append(pairs[i + 1].replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n"))
                    .append('"');
        }
        return json.append('}').toString();
    }

    private static String base64url(byte[] octets) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(octets);
    }

    private static String environment(String name, String otherwise) {
        String value = System.getenv(name);
        return value == null ? otherwise : value;
    }
}
