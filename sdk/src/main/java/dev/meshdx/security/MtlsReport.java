package dev.meshdx.security;

import dev.meshdx.annotation.Internal;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Scope;
import dev.meshdx.model.internal.Hosts;
import dev.meshdx.model.internal.TextTable;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Whether what clients send and what servers accept fit together, service port by service port: what
 * {@code istioctl authn tls-check} once showed. Immutable; safe for use by several threads.
 *
 * <p>Both sides are computed from the resources by istiod's rules, and where a proxy's configuration could be read, what the
 * proxy really has takes precedence.
 */
public final class MtlsReport implements Iterable<MtlsRow> {
    private final Scope scope;
    private final List<MtlsRow> rows;
    private final List<ServerPort> servers;
    private final List<Finding> findings;
    private final List<Inconclusive> inconclusive;

    private MtlsReport(
            Scope scope,
            List<MtlsRow> rows,
            List<ServerPort> servers,
            List<Finding> findings,
            List<Inconclusive> inconclusive) {
        this.scope = scope;
        this.rows = rows.stream().sorted().distinct().toList();
        this.servers = List.copyOf(servers);
        this.findings = findings.stream().sorted().distinct().toList();
        this.inconclusive = inconclusive.stream().sorted().distinct().toList();
    }

    /** Puts a report together. */
    @Internal
    public static MtlsReport of(
            Scope scope,
            List<MtlsRow> rows,
            List<ServerPort> servers,
            List<Finding> findings,
            List<Inconclusive> inconclusive) {
        return new MtlsReport(scope, rows, servers, findings, inconclusive);
    }

    /** What was asked about. */
    public Scope scope() {
        return scope;
    }

    /** All pairs of sides, conflicts first. */
    public List<MtlsRow> rows() {
        return rows;
    }

    /**
     * What the ports of the sidecars in scope accept, by pod and port: those that containers declare, that services point
     * to, and that the proxy has.
     */
    public List<ServerPort> servers() {
        return servers;
    }

    /** The pairs that cannot talk to each other. */
    public List<MtlsRow> conflicts() {
        return rows.stream()
                .filter(row -> row.verdict() == MtlsVerdict.CONFLICT)
                .toList();
    }

    /** The rows of one service, by its full host name ({@code reviews.production.svc.cluster.local}) or its name and namespace ({@code reviews.production}). */
    public List<MtlsRow> toService(String host) {
        return rows.stream()
                .filter(row -> row.service().equals(host)
                        || Hosts.shorten(row.service()).equals(host))
                .toList();
    }

    /** How many rows there are. */
    public int size() {
        return rows.size();
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return rows.isEmpty();
    }

    /** All pairs. */
    public Stream<MtlsRow> stream() {
        return rows.stream();
    }

    @Override
    public Iterator<MtlsRow> iterator() {
        return rows.iterator();
    }

    /** What is wrong, worst first. */
    public List<Finding> findings() {
        return findings;
    }

    /** What could not be seen. */
    public List<Inconclusive> inconclusive() {
        return inconclusive;
    }

    /**
     * Only the rows of a service; the findings stay.
     *
     * @param service {@code reviews.production}, its full name, or either with {@code :port}
     */
    public MtlsReport only(String service) {
        int colon = service.lastIndexOf(':');
        String host = colon < 0 ? service : service.substring(0, colon);
        String port = colon < 0 ? "" : service.substring(colon + 1);
        return of(
                scope,
                toService(host).stream()
                        .filter(row -> port.isEmpty() || port.equals(String.valueOf(row.port())))
                        .toList(),
                servers,
                findings,
                inconclusive);
    }

    /** A table; long ones are cut. */
    @Override
    public String toString() {
        TextTable table = new TextTable("SERVICE", "SERVER", "CLIENT", "VERDICT", "CLIENTS");
        for (MtlsRow row : rows) {
            table.row(
                    Hosts.shorten(row.service()) + ":" + row.port()
                            + (row.subset().isEmpty() ? "" : " " + row.subset()),
                    row.serverMode().toString(),
                    row.clientMode().toString(),
                    row.verdict().toString(),
                    row.clientsText());
        }
        return rows.isEmpty() ? "no pair of client and server in " + scope : table.summary("", "pairs");
    }
}
