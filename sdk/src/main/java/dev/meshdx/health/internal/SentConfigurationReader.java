package dev.meshdx.health.internal;

import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.diff.ConfigDiff;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import dev.meshdx.source.MeshSource;
import dev.meshdx.source.PodRequest;
import dev.meshdx.source.Session;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Answers {@code proxyStatus().diff()}: what istiod would send to a proxy, against what the proxy has. */
public final class SentConfigurationReader {
    private static final String ENDPOINTS = "type.googleapis.com/envoy.admin.v3.EndpointsConfigDump";

    private final Session session;
    private final String namespace;
    private final String pod;

    private SentConfigurationReader(Session session, String namespace, String pod) {
        this.session = session;
        this.namespace = namespace;
        this.pod = pod;
    }

    /** What an istiod would send. */
    private record Sent(ConfigDump dump, @Nullable ConfigDump endpoints) {}

    /**
     * Asks all istiods for their proxies, then the one that the proxy is connected to, and the proxy. The other istiods are asked
     * only where that one does not know it.
     */
    public static ConfigDiff read(Session session, String namespace, String pod) {
        if (session.source().kind() == MeshSource.Kind.MANIFESTS) {
            throw new MeshUnsupportedException(
                    Reason.UNSUPPORTED,
                    "What istiod would send cannot be told from manifests: nothing runs.",
                    "Connect to a cluster, or open a recording.");
        }
        return new SentConfigurationReader(session.fork(), namespace, pod).read();
    }

    private ResourceRef ref() {
        return ResourceRef.of("Pod", namespace, pod);
    }

    private ConfigDiff read() {
        ConfigDump[] proxy = new ConfigDump[1];
        Sent[] sent = new Sent[1];
        session.parallel(() -> proxy[0] = proxy(), () -> sent[0] = sent());
        return proxy[0] == null || sent[0] == null
                ? ConfigDiff.unknown("istiod", "proxy", session.gaps())
                : ConfigDiff.sent(sent[0].dump(), sent[0].endpoints(), proxy[0], session.gaps());
    }

    private @Nullable ConfigDump proxy() {
        try {
            // A document that ended early is told by the comparison.
            return ConfigDump.read(session.fork(), namespace, pod);
        } catch (MeshException e) {
            session.gap("configuration of the proxy", ref(), e);
            return null;
        }
    }

    private @Nullable Sent sent() {
        List<Resource> istiods = HealthReads.istiods(session).pods();
        HealthModel.Builder known = HealthModel.builder(Scope.pod(namespace, pod), session.now());
        ProxyReads.proxies(session, istiods, "", known);
        Optional<ProxyStatus> status = known.proxies.stream()
                .filter(each -> each.namespace().equals(namespace) && each.pod().equals(pod))
                .findFirst();
        if (status.filter(each -> each.proxyType().equals("ztunnel")).isPresent()) {
            session.gap(Inconclusive.of(
                    "what istiod would send",
                    ref(),
                    Reason.UNSUPPORTED,
                    "The proxy is a ztunnel, which has no configuration of Envoy's.",
                    "Ask for a sidecar, a gateway or a waypoint."));
            return null;
        }
        List<Resource> order = new ArrayList<>(istiods);
        status.ifPresent(each -> order.sort((one, other) ->
                Boolean.compare(other.name().equals(each.istiod()), one.name().equals(each.istiod()))));
        MeshException unknown = null;
        boolean told = false;
        for (Resource istiod : order) {
            try {
                Optional<Sent> answer = ask(istiod, known.proxies);
                if (answer.isPresent()) {
                    return answer.get();
                }
            } catch (MeshNotFoundException e) {
                // 404: it is connected to another one, or the page is turned off.
                unknown = e;
            } catch (MeshProtocolException e) {
                session.gap(Inconclusive.of(
                        "what istiod would send",
                        istiod.ref(),
                        Reason.MALFORMED,
                        istiod.name() + " answered /debug/config_dump with something else: " + e.getMessage(),
                        "See what it says: kubectl -n " + istiod.namespace() + " exec " + istiod.name()
                                + " -- pilot-discovery request GET '/debug/config_dump?proxyID=" + id() + "'"));
                told = true;
            } catch (MeshException e) {
                session.gap("what istiod would send", istiod.ref(), e);
                told = true;
            }
        }
        if (unknown != null && !told) {
            session.gap(Inconclusive.of(
                    "what istiod would send",
                    ref(),
                    Reason.UNREACHABLE,
                    status.isPresent()
                            ? "No istiod tells it: " + unknown.getMessage()
                            : "The proxy is connected to none of the " + order.size() + " istiods that were asked.",
                    status.isPresent()
                            ? "Make sure that ENABLE_DEBUG_ON_HTTP is not false at istiod."
                            : "Look at the proxy's log for xdsproxy: kubectl -n " + namespace + " logs " + pod
                                    + " -c istio-proxy --tail=50"));
        }
        return null;
    }

    private String id() {
        return pod + "." + namespace;
    }

    /** What one istiod says; empty where it cannot be told which proxy it would speak of, which is told. */
    private Optional<Sent> ask(Resource istiod, List<ProxyStatus> proxies) {
        String connection = connection(istiod, proxies);
        if (connection.isEmpty()) {
            session.gap(Inconclusive.of(
                    "what istiod would send",
                    istiod.ref(),
                    Reason.UNSUPPORTED,
                    istiod.name() + " looks for a part of a proxy's name, and " + id()
                            + " is a part of another proxy's name too.",
                    "Nothing to do: compare with another replica of the pod."));
            return Optional.empty();
        }
        // "true" is what istiod looks for, and what no other value means. Source: Istio, pilot/pkg/xds/debug.go.
        ConfigDump dump =
                session.fetch(page(istiod, "config_dump", connection, "&include_eds=true"), ConfigDump::parse);
        boolean withoutEndpoints =
                dump.endpoints().gaps().stream().anyMatch(gap -> gap.reason() == Reason.NOT_RECORDED);
        return Optional.of(new Sent(dump, withoutEndpoints ? endpoints(istiod, connection) : null));
    }

    private static PodRequest page(Resource istiod, String page, String proxy, String more) {
        return PodRequest.istiod(istiod.namespace(), istiod.name(), "/debug/" + page + "?proxyID=" + proxy + more);
    }

    /**
     * What to ask for: istiod takes the first connection whose id ({@code POD.NAMESPACE-NUMBER}) contains it. Empty where that
     * could be another proxy's.
     */
    private String connection(Resource istiod, List<ProxyStatus> proxies) {
        boolean unique = proxies.stream()
                .map(proxy -> proxy.pod() + "." + proxy.namespace())
                .noneMatch(other -> !other.equals(id()) && other.contains(id()));
        if (unique) {
            return id();
        }
        try {
            Pattern mine = Pattern.compile(Pattern.quote(id()) + "-\\d+");
            List<String> connections = session
                    .json(PodRequest.istiod(istiod.namespace(), istiod.name(), "/debug/connections"))
                    .at("clients")
                    .items()
                    .stream()
                    .map(client -> client.at("connectionId").text(""))
                    .toList();
            return connections.stream()
                    .filter(connection -> mine.matcher(connection).matches())
                    .filter(connection -> connections.stream()
                            .noneMatch(other -> !other.equals(connection) && other.contains(connection)))
                    .findFirst()
                    .orElse("");
        } catch (MeshNotFoundException | MeshProtocolException | MeshUnsupportedException e) {
            return "";
        }
    }

    /** Of an istiod that keeps the endpoints apart; null where it tells none, which the comparison says. */
    private @Nullable ConfigDump endpoints(Resource istiod, String connection) {
        try {
            Json answer = session.json(page(istiod, "edsz", connection, ""));
            List<Json> assignments = new ArrayList<>();
            for (Json assignment : answer.at("configs").items()) {
                if (assignment.at("clusterName").isText()) {
                    assignments.add(Json.object("endpointConfig", assignment));
                }
            }
            if (!answer.at("configs").isArray()) {
                return null;
            }
            String document = Json.object(
                            "configs",
                            Json.array(List.of(Json.object(
                                    "@type", ENDPOINTS, "dynamicEndpointConfigs", Json.array(assignments)))))
                    .toString();
            return ConfigDump.parse(new ByteArrayInputStream(document.getBytes(StandardCharsets.UTF_8)));
        } catch (MeshNotFoundException | MeshProtocolException | MeshUnsupportedException e) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
