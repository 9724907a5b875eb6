package dev.meshdx.health.internal;

import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.health.SyncState;
import dev.meshdx.health.TypeStatus;
import dev.meshdx.health.XdsType;
import dev.meshdx.model.Json;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads istiod's {@code /debug/syncz}, in all forms that it has had: an array of objects with {@code resources} (now), with a
 * pair of fields for each type (before), and the answer to the xDS request of the same name ({@code ClientConfig}). What a form
 * cannot tell looks as it does from outside: without {@code resources}, a refused type is stale and a type that was never asked
 * for was not sent. Source: Istio, {@code pilot/pkg/xds/debug.go} ({@code SyncStatus}) and {@code statusgen.go}.
 */
final class SyncStatusParser {
    private static final Map<String, XdsType> PAIRS = pairs();

    private static final Pattern NONCE = Pattern.compile("(.{1,60})[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    private SyncStatusParser() {}

    private static Map<String, XdsType> pairs() {
        Map<String, XdsType> pairs = new LinkedHashMap<>();
        pairs.put("cluster", XdsType.CDS);
        pairs.put("listener", XdsType.LDS);
        pairs.put("endpoint", XdsType.EDS);
        pairs.put("route", XdsType.RDS);
        return pairs;
    }

    /** Whether an entry stands for somebody who asks, not for a proxy: every istioctl run calls itself so. */
    private static boolean isClient(String node) {
        // Source: Istio, istioctl/pkg/xds/client.go, node id "test-1.NAMESPACE".
        return node.startsWith("test-1.");
    }

    /**
     * All proxies in an answer.
     *
     * @throws MeshProtocolException if it is none of the known forms
     */
    static List<ProxyStatus> parse(Json answer, String istiod, String revision) {
        boolean proxies = answer.items().isEmpty()
                || answer.items().stream().anyMatch(entry -> entry.at("proxy").isText());
        if (answer.isArray() && proxies) {
            return parseHttp(answer, istiod, revision);
        }
        if (answer.isObject() && answer.at("resources").isArray()) {
            return parseXds(answer, istiod, revision);
        }
        throw new MeshProtocolException(
                istiod + " answered /debug/syncz with something that is not a list of proxies.");
    }

    private static List<ProxyStatus> parseHttp(Json answer, String istiod, String revision) {
        // Extension types came together with the proxy's type: an istiod that tells neither does not know them.
        boolean extensions = answer.items().stream()
                .anyMatch(entry -> entry.at("proxy_type").exists()
                        || entry.at("extensionconfig_sent").exists());
        List<ProxyStatus> proxies = new ArrayList<>();
        for (Json entry : answer.items()) {
            String node = entry.at("proxy").text("");
            if (node.isEmpty() || isClient(node)) {
                continue;
            }
            Map<XdsType, TypeStatus> types = new LinkedHashMap<>();
            if (entry.at("resources").isObject()) {
                entry.at("resources").forEachField((url, resource) -> types.put(XdsType.of(url), resource(resource)));
            } else {
                PAIRS.forEach((name, type) -> types.put(type, pair(entry, name)));
                if (extensions) {
                    types.put(XdsType.ECDS, pair(entry, "extensionconfig"));
                }
            }
            proxies.add(ProxyStatus.of(
                    node,
                    entry.at("cluster_id").text(""),
                    istiod,
                    revision,
                    entry.at("istio_version").text(entry.at("proxy_version").text("")),
                    entry.at("proxy_type").text(""),
                    types));
        }
        return proxies;
    }

    private static TypeStatus resource(Json resource) {
        String sent = resource.at("sent").text("");
        String acked = resource.at("acked").text("");
        String error = resource.at("lastError").text("");
        Instant since = time(resource.at("sentTime").text("")).orElse(null);
        return TypeStatus.of(state(sent, acked, error), sent.isEmpty() ? null : since, error)
                .withVersions(version(sent), version(acked));
    }

    private static TypeStatus pair(Json entry, String name) {
        String sent = entry.at(name + "_sent").text("");
        String acked = entry.at(name + "_acked").text("");
        // A nonce begins with the version of the push: TIME/COUNTER.
        int slash = sent.indexOf('/');
        Instant since = slash < 0 ? null : time(sent.substring(0, slash)).orElse(null);
        return TypeStatus.of(state(sent, acked, ""), since, "").withVersions(version(sent), version(acked));
    }

    /** The version of a push is what stands before the UUID in a nonce. Source: Istio, {@code pilot/pkg/xds/ads.go}, nonce. */
    private static String version(String nonce) {
        Matcher matcher = NONCE.matcher(nonce);
        return matcher.matches() ? matcher.group(1) : "";
    }

    private static SyncState state(String sent, String acked, String error) {
        if (!error.isEmpty()) {
            return SyncState.ERROR;
        }
        if (sent.isEmpty()) {
            return SyncState.NOT_SENT;
        }
        return sent.equals(acked) ? SyncState.SYNCED : SyncState.STALE;
    }

    private static List<ProxyStatus> parseXds(Json answer, String istiod, String revision) {
        String name = istiod;
        String identifier = answer.at("controlPlane")
                .at("identifier")
                .text(answer.at("control_plane", "identifier").text(""));
        if (!identifier.isEmpty()) {
            try {
                name = Json.parse(identifier).at("ID").text(istiod);
            } catch (MeshProtocolException e) {
                // Older istiods name themselves in other ways; the pod that was asked is as good a name.
            }
        }
        List<ProxyStatus> proxies = new ArrayList<>();
        for (Json config : answer.at("resources").items()) {
            String node = config.at("node", "id").text("");
            if (node.isEmpty() || isClient(node)) {
                continue;
            }
            Json metadata = config.at("node", "metadata");
            proxies.add(ProxyStatus.of(
                    node,
                    metadata.at("CLUSTER_ID").text(""),
                    name,
                    revision,
                    metadata.at("ISTIO_VERSION").text(""),
                    "",
                    xdsTypes(config)));
        }
        return proxies;
    }

    private static Map<XdsType, TypeStatus> xdsTypes(Json config) {
        Map<XdsType, TypeStatus> types = new LinkedHashMap<>();
        for (Json generic : config.at("genericXdsConfigs").items()) {
            types.put(
                    XdsType.of(generic.at("typeUrl").text("")),
                    TypeStatus.of(
                            xdsState(generic.at("configStatus").text("")),
                            time(generic.at("lastUpdated").text("")).orElse(null),
                            generic.at("errorState", "details").text("")));
        }
        // Before the generic form: one of several fields says which type an entry is about.
        for (Json old : config.at("xdsConfig").items()) {
            PAIRS.forEach((name, type) -> {
                if (old.at(name + "Config").exists()) {
                    types.put(type, TypeStatus.of(xdsState(old.at("status").text("")), null, ""));
                }
            });
        }
        return types;
    }

    private static SyncState xdsState(String status) {
        return switch (status) {
            case "SYNCED" -> SyncState.SYNCED;
            case "STALE" -> SyncState.STALE;
            case "NOT_SENT" -> SyncState.NOT_SENT;
            case "ERROR" -> SyncState.ERROR;
            default -> SyncState.IGNORED;
        };
    }

    /** A time; empty for none, for Go's zero time, and for what is not a time. */
    static Optional<Instant> time(@Nullable String text) {
        if (text == null || text.isEmpty() || text.startsWith("0001-")) {
            return Optional.empty();
        }
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
