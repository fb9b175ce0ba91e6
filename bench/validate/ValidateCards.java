import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.security.Signature;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Set;

/**
 * Reads time, challenge, anchor, then pairs of certificate and signature, a line each (base64), and
 * prints the median microseconds that one warm validation takes.
 */
public class ValidateCards {
  private static final int ROUNDS = 15;

  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    Date now = new Date(Long.parseLong(in.readLine()));
    byte[] challenge = Base64.getDecoder().decode(in.readLine());
    // The factory keeps the last 750 certificates that it parsed; that is the JDK's own choice.
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    X509Certificate anchor = parse(factory, Base64.getDecoder().decode(in.readLine()));
    List<byte[]> certificates = new ArrayList<>();
    List<byte[]> signatures = new ArrayList<>();
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      certificates.add(Base64.getDecoder().decode(line));
      signatures.add(Base64.getDecoder().decode(in.readLine()));
    }
    int calls = Math.max(960, certificates.size());
    PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(anchor, null)));
    parameters.setRevocationEnabled(false);
    parameters.setDate(now);
    CertPathValidator validator = CertPathValidator.getInstance("PKIX");
    double[] rounds = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      long startedAt = System.nanoTime();
      for (int i = 0; i < calls; i++) {
        X509Certificate leaf = parse(factory, certificates.get(i % certificates.size()));
        validator.validate(factory.generateCertPath(List.of(leaf)), parameters);
        Signature verifier = Signature.getInstance("SHA256withRSA");
        verifier.initVerify(leaf.getPublicKey());
        verifier.update(challenge);
        if (!verifier.verify(signatures.get(i % signatures.size()))) {
          throw new IllegalStateException("challenge signature");
        }
      }
      rounds[round] = (System.nanoTime() - startedAt) / 1000.0 / calls;
    }
    // The first rounds are the just-in-time compiler's.
    double[] warm = Arrays.copyOfRange(rounds, 5, ROUNDS);
    Arrays.sort(warm);
    System.out.println(warm[warm.length / 2]);
  }

  private static X509Certificate parse(CertificateFactory factory, byte[] der) throws Exception {
    return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der));
  }
}
