package dev.meshdx.health;

import dev.meshdx.annotation.Internal;
import dev.meshdx.model.ResourceRef;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One proxy as the istiod that it is connected to sees it. Immutable; safe for use by several threads. */
public final class ProxyStatus implements Comparable<ProxyStatus> {
    private static final Comparator<ProxyStatus> ORDER = Comparator.comparing(ProxyStatus::namespace)
            .thenComparing(ProxyStatus::pod)
            .thenComparing(ProxyStatus::cluster)
            .thenComparing(ProxyStatus::istiod);

    private final String namespace;
    private final String pod;
    private final String cluster;
    private final String istiod;
    private final String revision;
    private final String version;
    private final String proxyType;
    private final SortedMap<XdsType, TypeStatus> types;

    private ProxyStatus(
            String namespace,
            String pod,
            String cluster,
            String istiod,
            String revision,
            String version,
            String proxyType,
            Map<XdsType, TypeStatus> types) {
        this.namespace = namespace;
        this.pod = pod;
        this.cluster = cluster;
        this.istiod = istiod;
        this.revision = revision;
        this.version = version;
        this.proxyType = proxyType;
        SortedMap<XdsType, TypeStatus> all = new TreeMap<>(types);
        for (XdsType type : XdsType.core()) {
            all.putIfAbsent(type, TypeStatus.of(SyncState.IGNORED, null, ""));
        }
        this.types = Collections.unmodifiableSortedMap(all);
    }

    /**
     * Made by the reader.
     *
     * @param nodeId {@code POD.NAMESPACE}; the namespace is what follows the last dot
     */
    @Internal
    public static ProxyStatus of(
            String nodeId,
            String cluster,
            String istiod,
            String revision,
            String version,
            String proxyType,
            Map<XdsType, TypeStatus> types) {
        int dot = nodeId.lastIndexOf('.');
        return new ProxyStatus(
                dot < 0 ? "" : nodeId.substring(dot + 1),
                dot < 0 ? nodeId : nodeId.substring(0, dot),
                cluster,
                istiod,
                revision,
                version,
                proxyType,
                types);
    }

    /** The pod's namespace; empty where the proxy does not name one. */
    public String namespace() {
        return namespace;
    }

    /** The pod's name. */
    public String pod() {
        return pod;
    }

    /** The cluster that the proxy says it runs in; empty where the istiod is too old to tell. */
    public String cluster() {
        return cluster;
    }

    /** The name of the istiod pod that it is connected to. */
    public String istiod() {
        return istiod;
    }

    /** The revision of that istiod. */
    public String revision() {
        return revision;
    }

    /** The version of Istio that the proxy runs; empty where the istiod is too old to tell. */
    public String version() {
        return version;
    }

    /** {@code sidecar}, {@code router}, {@code waypoint}, {@code ztunnel}; empty where the istiod is too old to tell. */
    public String proxyType() {
        return proxyType;
    }

    /** The state of each type: always the five core types, then whatever else the proxy asked for. */
    public SortedMap<XdsType, TypeStatus> types() {
        return types;
    }

    /** The state of a type; {@link SyncState#IGNORED} where the proxy did not ask for it. */
    public TypeStatus type(XdsType type) {
        TypeStatus status = types.get(type);
        return status == null ? TypeStatus.of(SyncState.IGNORED, null, "") : status;
    }

    /** Whether no type is stale or refused. */
    public boolean isSynced() {
        return types.values().stream()
                .noneMatch(type -> type.state() == SyncState.STALE || type.state() == SyncState.ERROR);
    }

    /** When it was last sent anything. */
    @Internal
    public Optional<Instant> lastSent() {
        return types.values().stream().flatMap(type -> type.since().stream()).max(Comparator.naturalOrder());
    }

    /** The pod. */
    public ResourceRef podRef() {
        return ResourceRef.of("Pod", namespace, pod);
    }

    @Override
    public int compareTo(ProxyStatus other) {
        return ORDER.compare(this, other);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ProxyStatus that
                && ORDER.compare(this, that) == 0
                && revision.equals(that.revision)
                && version.equals(that.version)
                && proxyType.equals(that.proxyType)
                && types.equals(that.types);
    }

    @Override
    public int hashCode() {
        return Objects.hash(namespace, pod, cluster, istiod);
    }

    /** One line: pod, and the state of each type that it asked for. */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder(namespace.isEmpty() ? pod : namespace + "/" + pod).append(':');
        types.forEach((type, status) -> {
            if (status.state() != SyncState.IGNORED) {
                out.append(' ').append(type).append(' ').append(status.state()).append(',');
            }
        });
        return out.substring(0, out.length() - 1) + " (" + istiod + ")";
    }
}
