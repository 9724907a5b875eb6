package dev.meshdx.health;

import dev.meshdx.annotation.Internal;
import dev.meshdx.model.ResourceRef;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One proxy as the istiod that it is connected to sees it; or, where that could not be asked, what its pod says of it. Immutable;
 * safe for use by several threads.
 */
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
    // Sorted, and shared by proxies of the same kind; the states are in the same order.
    private final XdsType[] names;
    private final TypeStatus[] states;
    private final List<String> alsoOn;
    private final boolean seenByIstiod;

    private ProxyStatus(
            String namespace,
            String pod,
            String cluster,
            String istiod,
            String revision,
            String version,
            String proxyType,
            XdsType[] names,
            TypeStatus[] states,
            List<String> alsoOn,
            boolean seenByIstiod) {
        this.namespace = namespace;
        this.pod = pod;
        this.cluster = cluster;
        this.istiod = istiod;
        this.revision = revision;
        this.version = version;
        this.proxyType = proxyType;
        this.names = names;
        this.states = states;
        this.alsoOn = alsoOn;
        this.seenByIstiod = seenByIstiod;
    }

    /**
     * Made by the reader.
     *
     * @param names sorted; handed over, as are the states
     * @param states of each of the names
     */
    @Internal
    public static ProxyStatus of(
            String namespace,
            String pod,
            String cluster,
            String istiod,
            String revision,
            String version,
            String proxyType,
            XdsType[] names,
            TypeStatus[] states) {
        return new ProxyStatus(
                namespace, pod, cluster, istiod, revision, version, proxyType, names, states, List.of(), true);
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
        SortedMap<XdsType, TypeStatus> sorted = new TreeMap<>(types);
        return of(
                dot < 0 ? "" : nodeId.substring(dot + 1),
                dot < 0 ? nodeId : nodeId.substring(0, dot),
                cluster,
                istiod,
                revision,
                version,
                proxyType,
                sorted.keySet().toArray(XdsType[]::new),
                sorted.values().toArray(TypeStatus[]::new));
    }

    /** What a pod says of its proxy, where no istiod that answered knows it. */
    @Internal
    public static ProxyStatus ofPod(String namespace, String pod, String revision, String version, String proxyType) {
        return new ProxyStatus(
                namespace,
                pod,
                "",
                "",
                revision,
                version,
                proxyType,
                new XdsType[0],
                new TypeStatus[0],
                List.of(),
                false);
    }

    /** With the state of one more type. */
    @Internal
    public ProxyStatus with(XdsType type, TypeStatus status) {
        SortedMap<XdsType, TypeStatus> sorted = new TreeMap<>();
        for (int i = 0; i < names.length; i++) {
            sorted.put(names[i], states[i]);
        }
        sorted.put(type, status);
        return new ProxyStatus(
                namespace,
                pod,
                cluster,
                istiod,
                revision,
                version,
                proxyType,
                sorted.keySet().toArray(XdsType[]::new),
                sorted.values().toArray(TypeStatus[]::new),
                alsoOn,
                seenByIstiod);
    }

    /** As another istiod's. */
    @Internal
    public ProxyStatus withIstiod(String name) {
        return new ProxyStatus(
                namespace, pod, cluster, name, revision, version, proxyType, names, states, alsoOn, seenByIstiod);
    }

    /** With its kind, from its pod. */
    @Internal
    public ProxyStatus withProxyType(String type) {
        return new ProxyStatus(
                namespace, pod, cluster, istiod, revision, version, type, names, states, alsoOn, seenByIstiod);
    }

    /** With the other istiods that hold a connection of it. */
    @Internal
    public ProxyStatus withAlsoOn(List<String> istiods) {
        return new ProxyStatus(
                namespace,
                pod,
                cluster,
                istiod,
                revision,
                version,
                proxyType,
                names,
                states,
                List.copyOf(istiods),
                seenByIstiod);
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

    /** The name of the istiod pod that it is connected to; empty where that is not known. */
    public String istiod() {
        return istiod;
    }

    /**
     * Other istiods that hold a connection of the same proxy, sorted; mostly none. A proxy has one connection: what it has left
     * is still open at the other end, or the proxy has just moved.
     */
    public List<String> alsoOn() {
        return alsoOn;
    }

    /**
     * Whether an istiod knows the proxy. False where the istiod that may know it could not be asked: then all that there is comes
     * from the pod, and each type is {@link SyncState#UNKNOWN}.
     */
    public boolean seenByIstiod() {
        return seenByIstiod;
    }

    /** The revision of that istiod; where it is not known, the revision that the pod was made for. */
    public String revision() {
        return revision;
    }

    /**
     * The version of Istio that the proxy runs, as it says itself; for what only the pod tells, the tag of its image. Empty where
     * neither is known, and for ztunnel, which does not say.
     */
    public String version() {
        return version;
    }

    /** {@code sidecar}, {@code router}, {@code waypoint}, {@code ztunnel}; empty where the istiod is too old to tell. */
    public String proxyType() {
        return proxyType;
    }

    /**
     * The state of each type: always the five core types, then whatever else the proxy asked for. Makes a map; {@link #type} and
     * {@link #isSynced} do not.
     */
    public SortedMap<XdsType, TypeStatus> types() {
        SortedMap<XdsType, TypeStatus> all = new TreeMap<>();
        for (int i = 0; i < names.length; i++) {
            all.put(names[i], states[i]);
        }
        for (XdsType type : XdsType.core()) {
            all.putIfAbsent(type, absent());
        }
        return Collections.unmodifiableSortedMap(all);
    }

    /** What is said of a type that is not mentioned. */
    private TypeStatus absent() {
        return TypeStatus.of(seenByIstiod ? SyncState.IGNORED : SyncState.UNKNOWN, null, "");
    }

    /** The state of a type; {@link SyncState#IGNORED} where the proxy did not ask for it. */
    public TypeStatus type(XdsType type) {
        for (int i = 0; i < names.length; i++) {
            if (names[i].equals(type)) {
                return states[i];
            }
        }
        return absent();
    }

    /** Whether an istiod knows the proxy, and no type is stale or refused. */
    public boolean isSynced() {
        return seenByIstiod && !has(SyncState.STALE) && !has(SyncState.ERROR);
    }

    /** Whether one of its types is in this state. */
    @Internal
    public boolean has(SyncState state) {
        for (TypeStatus each : states) {
            if (each.state() == state) {
                return true;
            }
        }
        return false;
    }

    /** When it was last sent anything. */
    @Internal
    public Optional<Instant> lastSent() {
        return Arrays.stream(states).flatMap(type -> type.since().stream()).max(Comparator.naturalOrder());
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
                && seenByIstiod == that.seenByIstiod
                && alsoOn.equals(that.alsoOn)
                && types().equals(that.types());
    }

    @Override
    public int hashCode() {
        return Objects.hash(namespace, pod, cluster, istiod);
    }

    /** One line: pod, and the state of each type that it asked for. */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder(namespace.isEmpty() ? pod : namespace + "/" + pod).append(':');
        if (!seenByIstiod) {
            return out + " not known, revision " + revision;
        }
        types().forEach((type, status) -> {
            if (status.state() != SyncState.IGNORED) {
                out.append(' ').append(type).append(' ').append(status.state()).append(',');
            }
        });
        return out.substring(0, out.length() - 1) + " (" + istiod + ")";
    }
}
