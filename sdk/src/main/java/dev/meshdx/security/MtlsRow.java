package dev.meshdx.security;

import dev.meshdx.annotation.Internal;
import dev.meshdx.configuration.ClientTlsMode;
import dev.meshdx.configuration.MtlsMode;
import dev.meshdx.model.ResourceRef;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * One pair of sides: clients that behave alike, and the pods behind one port of a service that behave alike. Immutable; safe
 * for use by several threads.
 */
public final class MtlsRow implements Comparable<MtlsRow> {
    private static final Comparator<MtlsRow> ORDER = Comparator.comparing(
                    (MtlsRow row) -> row.verdict != MtlsVerdict.CONFLICT)
            .thenComparing(MtlsRow::service)
            .thenComparingInt(MtlsRow::port)
            .thenComparing(MtlsRow::subset)
            .thenComparing(row -> row.clientsText())
            .thenComparing(MtlsRow::because);

    private final String service;
    private final int port;
    private final String subset;
    private final ServerMtls server;
    private final List<ResourceRef> servers;
    private final ClientMtls client;
    private final List<ResourceRef> clients;
    private final MtlsVerdict verdict;
    private final String because;

    private MtlsRow(
            String service,
            int port,
            String subset,
            ServerMtls server,
            List<ResourceRef> servers,
            ClientMtls client,
            List<ResourceRef> clients,
            MtlsVerdict verdict,
            String because) {
        this.service = service;
        this.port = port;
        this.subset = subset;
        this.server = server;
        this.servers = servers.stream().sorted().distinct().toList();
        this.client = client;
        this.clients = clients.stream().sorted().distinct().toList();
        this.verdict = verdict;
        this.because = because;
    }

    /** Puts a row together. */
    @Internal
    public static MtlsRow of(
            String service,
            int port,
            String subset,
            ServerMtls server,
            List<ResourceRef> servers,
            ClientMtls client,
            List<ResourceRef> clients,
            MtlsVerdict verdict,
            String because) {
        return new MtlsRow(service, port, subset, server, servers, client, clients, verdict, because);
    }

    /** The service's full host name. */
    public String service() {
        return service;
    }

    /** The service's port. */
    public int port() {
        return port;
    }

    /** The subset of the DestinationRule that the row is about; empty for the service as a whole. */
    public String subset() {
        return subset;
    }

    /** What the server accepts. */
    public ServerMtls server() {
        return server;
    }

    /** What the server accepts: short for {@code server().mode()}. */
    public MtlsMode serverMode() {
        return server.mode();
    }

    /** The PeerAuthentication that decided for the server. */
    public Optional<ResourceRef> serverPolicy() {
        return server.policy();
    }

    /** The pods behind the port that behave so, sorted. */
    public List<ResourceRef> servers() {
        return servers;
    }

    /** What the client does. */
    public ClientMtls client() {
        return client;
    }

    /** What the client does: short for {@code client().mode()}. */
    public ClientTlsMode clientMode() {
        return client.mode();
    }

    /** The DestinationRule that decided for the client. */
    public Optional<ResourceRef> clientPolicy() {
        return client.policy();
    }

    /** The pods that behave so as clients, sorted. Whether they call the service is not known. */
    public List<ResourceRef> clients() {
        return clients;
    }

    /** How the sides fit. */
    public MtlsVerdict verdict() {
        return verdict;
    }

    /** Why. */
    public String because() {
        return because;
    }

    /** The clients in a few words: their names while there are one or two, else how many in which namespaces. */
    String clientsText() {
        if (clients.size() <= 2) {
            return String.join(
                    ", ", clients.stream().map(ResourceRef::qualifiedName).toList());
        }
        TreeSet<String> namespaces = new TreeSet<>();
        clients.forEach(pod -> namespaces.add(pod.namespace()));
        List<String> shown = namespaces.stream().limit(4).toList();
        return clients.size() + " pods of " + String.join(", ", shown)
                + (namespaces.size() > shown.size()
                        ? " and " + (namespaces.size() - shown.size()) + " more namespaces"
                        : "");
    }

    /** Conflicts first; then by service, port, subset and clients. */
    @Override
    public int compareTo(MtlsRow other) {
        return ORDER.compare(this, other);
    }

    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object other) {
        return other instanceof MtlsRow row
                && service.equals(row.service)
                && port == row.port
                && subset.equals(row.subset)
                && server.equals(row.server)
                && servers.equals(row.servers)
                && client.equals(row.client)
                && clients.equals(row.clients)
                && verdict == row.verdict
                && because.equals(row.because);
    }

    @Override
    public int hashCode() {
        return java.util.Objects.hash(service, port, subset, client, verdict);
    }

    /** One line: service, both modes, verdict, why. */
    @Override
    public String toString() {
        return service + ":" + port + (subset.isEmpty() ? "" : " subset " + subset) + " server " + server + ", client "
                + client + " (" + clientsText() + "): " + verdict + ", " + because;
    }
}
