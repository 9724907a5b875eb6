package dev.meshdx.security.internal;

import dev.meshdx.annotation.Internal;
import dev.meshdx.error.MeshException;
import dev.meshdx.finding.Finding;
import dev.meshdx.model.Scope;
import dev.meshdx.security.MtlsReport;
import dev.meshdx.source.Session;
import java.util.ArrayList;
import java.util.List;

/** Reads what {@link MtlsReport} shows. */
@Internal
public final class MtlsReader {
    private MtlsReader() {}

    /**
     * Compares both sides.
     *
     * <p>A namespace: its services with all clients of the mesh, and its pods as clients of services elsewhere as far as they
     * conflict. A pod: as a client of every service that it has a cluster for, and as a server of its own services. The mesh:
     * everything.
     *
     * <p>Cost: five lists (pods, services, PeerAuthentications, DestinationRules, one ConfigMap) and one
     * {@code /config_dump} for each running proxy in scope; to confirm conflicts, those of at most eight servers outside it.
     *
     * @throws MeshException if the pods or services cannot be read at all; everything else is a gap in the report
     */
    public static MtlsReport read(Session session, Scope scope) {
        Session own = session.fork();
        MtlsReport model = MtlsRows.read(own, scope);
        if (model.isEmpty()) {
            session.require(scope);
        }
        List<Finding> findings = new ArrayList<>();
        new MtlsConflictCheck().run(model, findings::add);
        return MtlsReport.of(scope, model.rows(), model.servers(), findings, own.gaps());
    }
}
