package dev.meshdx.security.internal;

import dev.meshdx.annotation.Internal;
import dev.meshdx.error.MeshException;
import dev.meshdx.finding.Finding;
import dev.meshdx.model.Scope;
import dev.meshdx.security.Certificates;
import dev.meshdx.source.Session;
import java.util.ArrayList;
import java.util.List;

/** Reads what {@link Certificates} shows. */
@Internal
public final class CertificatesReader {
    private CertificatesReader() {}

    /**
     * Reads and judges the certificates of the running proxies in scope.
     *
     * <p>Cost: the pods, one {@code /config_dump} for each proxy (in parallel; {@code /certs} where a dump has no secrets),
     * one ConfigMap for each namespace, one for the mesh's settings.
     *
     * @throws MeshException if the pods cannot be read at all; everything else is a gap in the report
     */
    public static Certificates read(Session session, Scope scope) {
        Session own = session.fork();
        Certificates model = HeldCertificates.read(own, scope);
        if (model.proxies().isEmpty()) {
            session.require(scope);
        }
        List<Finding> findings = new ArrayList<>();
        CertificateChecks.all().forEach(check -> check.run(model, findings::add));
        return Certificates.of(model.now(), model.trustDomains(), model.proxies(), model.roots(), findings, own.gaps());
    }
}
