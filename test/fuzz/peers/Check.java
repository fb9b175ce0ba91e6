import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Set;

/**
 * Reads "kind base64" a line and answers "answer why" a line, by the JDK. The first line holds time
 * (seconds) and, base64, authority, leaf and root certificate; the answer to it is the version. OCSP has
 * no public parser there.
 */
public class Check {
  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    PrintStream out = new PrintStream(System.out, true);
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    String[] head = in.readLine().split(" ");
    Date now = new Date(Long.parseLong(head[0]) * 1000);
    X509Certificate authority = certificate(factory, head[1]);
    X509Certificate leaf = certificate(factory, head[2]);
    PKIXParameters parameters =
        new PKIXParameters(Set.of(new TrustAnchor(certificate(factory, head[3]), null)));
    parameters.setRevocationEnabled(false);
    parameters.setDate(now);
    CertPathValidator validator = CertPathValidator.getInstance("PKIX");
    out.println(System.getProperty("java.version"));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      int space = line.indexOf(' ');
      String kind = line.substring(0, space);
      String data = line.substring(space + 1);
      try {
        if (kind.equals("certificate")) {
          List<X509Certificate> path = List.of(certificate(factory, data), authority);
          validator.validate(factory.generateCertPath(path), parameters);
          out.println("good ");
        } else {
          byte[] der = Base64.getDecoder().decode(data);
          X509CRL list = (X509CRL) factory.generateCRL(new ByteArrayInputStream(der));
          list.verify(authority.getPublicKey());
          if (list.getExtensionValue("2.5.29.28") != null
              || list.getExtensionValue("2.5.29.27") != null) {
            out.println("abstains ");
            continue;
          }
          boolean current =
              list.getIssuerX500Principal().equals(authority.getSubjectX500Principal())
                  && !list.getThisUpdate().after(now)
                  && list.getNextUpdate() != null
                  && !list.getNextUpdate().before(now)
                  && (list.getCriticalExtensionOIDs() == null
                      || list.getCriticalExtensionOIDs().isEmpty());
          if (!current) {
            throw new IllegalArgumentException("not current");
          }
          out.println(list.isRevoked(leaf) ? "revoked " : "good ");
        }
      } catch (Throwable error) {
        out.println("refused " + error.getClass().getSimpleName());
      }
    }
  }

  private static X509Certificate certificate(CertificateFactory factory, String data)
      throws Exception {
    byte[] der = Base64.getDecoder().decode(data);
    return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der));
  }
}
