import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Date;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads a vector a line, as "name=value" with a space between and a comma between values of a list, and answers
 * "answer why" a line, by the JDK's PKIX. The first line that is written is the version.
 */
public class Vectors {
  private static final long LONGEST_MILLISECONDS = 5000;
  private static CertificateFactory factory;

  public static void main(String[] args) throws Exception {
    factory = CertificateFactory.getInstance("X.509");
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    PrintStream out = new PrintStream(System.out, true);
    out.println(System.getProperty("java.version"));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      Map<String, String> vector = new HashMap<>();
      for (String field : line.split(" ")) {
        int at = field.indexOf('=');
        vector.put(field.substring(0, at), field.substring(at + 1));
      }
      out.println(answer(vector));
    }
    System.exit(0);
  }

  /** Some searches do not end. */
  private static String answer(Map<String, String> vector) throws InterruptedException {
    String[] said = {"refused no answer in time"};
    Thread search =
        new Thread(
            () -> {
              try {
                said[0] = vector.get("kind").equals("paths") ? path(vector) : status(vector);
              } catch (Throwable error) {
                said[0] =
                    isRevoked(error) ? "revoked " : "refused " + error.getClass().getSimpleName();
              }
            });
    search.setDaemon(true);
    search.start();
    search.join(LONGEST_MILLISECONDS);
    return said[0];
  }

  private static String path(Map<String, String> vector) throws Exception {
    X509CertSelector target = new X509CertSelector();
    X509Certificate leaf = certificate(vector.get("leaf"));
    target.setCertificate(leaf);
    String purpose = vector.get("requiredEku");
    if (purpose != null) {
      target.setExtendedKeyUsage(Set.of(purpose));
    }
    PKIXBuilderParameters parameters =
        new PKIXBuilderParameters(anchors(vector.get("anchors")), target);
    List<Certificate> offered = certificates(vector.get("intermediates"));
    offered.add(leaf);
    parameters.addCertStore(store(offered));
    parameters.setRevocationEnabled(false);
    parameters.setDate(date(vector));
    parameters.setMaxPathLength(-1);
    if (vector.containsKey("userInitialPolicySet")) {
      parameters.setInitialPolicies(Set.of(vector.get("userInitialPolicySet").split(",")));
    }
    parameters.setExplicitPolicyRequired(vector.containsKey("initialExplicitPolicy"));
    parameters.setPolicyMappingInhibited(vector.containsKey("initialPolicyMappingInhibit"));
    parameters.setAnyPolicyInhibited(vector.containsKey("initialAnyPolicyInhibit"));
    parameters.setPolicyQualifiersRejected(false);
    CertPathBuilder.getInstance("PKIX").build(parameters);
    return "good ";
  }

  private static String status(Map<String, String> vector) throws Exception {
    X509Certificate asked = certificate(vector.get("certificate"));
    X509Certificate issuer = certificate(vector.get("issuer"));
    PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(issuer, null)));
    parameters.setDate(date(vector));
    CertPathValidator validator = CertPathValidator.getInstance("PKIX");
    PKIXRevocationChecker checker = (PKIXRevocationChecker) validator.getRevocationChecker();
    if (vector.get("kind").equals("lists")) {
      checker.setOptions(
          EnumSet.of(
              PKIXRevocationChecker.Option.PREFER_CRLS,
              PKIXRevocationChecker.Option.NO_FALLBACK));
      List<Object> held = new ArrayList<>(certificates(vector.get("certificates")));
      for (String text : texts(vector.get("lists"))) {
        held.add(factory.generateCRL(new ByteArrayInputStream(bytes(text))));
      }
      parameters.addCertStore(store(held));
    } else {
      checker.setOptions(EnumSet.of(PKIXRevocationChecker.Option.NO_FALLBACK));
      checker.setOcspResponses(Map.of(asked, bytes(vector.get("response"))));
      List<String> known = texts(vector.get("knownResponders"));
      if (!known.isEmpty()) {
        checker.setOcspResponderCert(certificate(known.get(0)));
      }
    }
    parameters.addCertPathChecker(checker);
    validator.validate(factory.generateCertPath(List.of(asked)), parameters);
    return "good ";
  }

  private static boolean isRevoked(Throwable error) {
    return error instanceof CertPathValidatorException refused
        && refused.getReason() == BasicReason.REVOKED;
  }

  private static Date date(Map<String, String> vector) {
    return new Date(Long.parseLong(vector.get("time")) * 1000);
  }

  private static List<String> texts(String list) {
    return list == null || list.isEmpty() ? List.of() : List.of(list.split(","));
  }

  private static byte[] bytes(String text) {
    return Base64.getDecoder().decode(text);
  }

  private static X509Certificate certificate(String text) throws Exception {
    return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(bytes(text)));
  }

  /** What cannot be read is left out. */
  private static List<Certificate> certificates(String list) {
    List<Certificate> read = new ArrayList<>();
    for (String text : texts(list)) {
      try {
        read.add(certificate(text));
      } catch (Exception unreadable) {
        continue;
      }
    }
    return read;
  }

  private static Set<TrustAnchor> anchors(String list) {
    Set<TrustAnchor> anchors = new HashSet<>();
    for (Certificate one : certificates(list)) {
      anchors.add(new TrustAnchor((X509Certificate) one, null));
    }
    return anchors;
  }

  private static CertStore store(Collection<?> held) throws Exception {
    return CertStore.getInstance("Collection", new CollectionCertStoreParameters(held));
  }
}
