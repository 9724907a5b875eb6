package dev.meshdx.testkit.internal.istiod;

import dev.meshdx.model.Json;
import dev.meshdx.testkit.internal.mesh.Authority;
import dev.meshdx.testkit.internal.mesh.Authority.Issued;
import dev.meshdx.testkit.internal.mesh.Cluster;
import dev.meshdx.testkit.internal.mesh.IstiodSpec;
import dev.meshdx.testkit.internal.mesh.Registry;
import dev.meshdx.testkit.internal.mesh.Times;
import dev.meshdx.testkit.internal.mesh.Workload;
import dev.meshdx.testkit.internal.mesh.WorkloadSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One proxy: what it runs with, and how it stands towards its control plane. Safe for use by several threads. */
public final class Proxy {
    private final Cluster cluster;
    private final Workload workload;
    private final WorkloadSpec hints;
    private final IstiodSpec istiod;
    private final Push push;
    private final boolean changed;
    private volatile @Nullable Issued certificate;

    Proxy(Cluster cluster, Workload workload, WorkloadSpec hints, IstiodSpec istiod, Push push, boolean changed) {
        this.cluster = cluster;
        this.workload = workload;
        this.hints = hints;
        this.istiod = istiod;
        this.push = push;
        this.changed = changed;
    }

    /** Its pod. */
    public Workload workload() {
        return workload;
    }

    /** What is wrong with it. */
    public WorkloadSpec hints() {
        return hints;
    }

    /** Its control plane. */
    public IstiodSpec istiod() {
        return istiod;
    }

    /** What its control plane knew when it sent the configuration. */
    public Registry registry() {
        return push.registry();
    }

    Cluster cluster() {
        return cluster;
    }

    /** Its outbound and inbound clusters. */
    public List<Map<String, Object>> clusters() {
        return push.clusters(workload);
    }

    /** Its load assignments, by cluster. */
    public Map<String, Map<String, Object>> assignments() {
        return push.assignments(workload);
    }

    /** A load assignment as it stands here: Envoy marks what its outlier detection took out. */
    Map<String, Object> here(Map<String, Object> assignment) {
        if (hints.ejected.isEmpty()) {
            return assignment;
        }
        Map<String, Object> copy = new LinkedHashMap<>(assignment);
        List<Object> groups = new ArrayList<>();
        for (Json group : Json.of(assignment).at("endpoints").items()) {
            List<Object> hosts = new ArrayList<>();
            for (Json host : group.at("lb_endpoints").items()) {
                Map<String, Object> fields = new LinkedHashMap<>();
                host.forEachField((name, value) -> fields.put(name, value));
                if (ejected(host.at("endpoint", "address"))) {
                    fields.put("health_status", "UNHEALTHY");
                }
                hosts.add(fields);
            }
            Map<String, Object> fields = new LinkedHashMap<>();
            group.forEachField((name, value) -> fields.put(name, value));
            fields.put("lb_endpoints", hosts);
            groups.add(fields);
        }
        if (!groups.isEmpty()) {
            copy.put("endpoints", groups);
        }
        return copy;
    }

    /** Its listeners. */
    public List<Map<String, Object>> listeners() {
        return push.listeners(workload);
    }

    /** Its route configurations that came by RDS, by name. */
    public Map<String, Map<String, Object>> routes() {
        return push.routes(workload);
    }

    List<Integer> inboundPorts() {
        return workload.gateway() ? List.of() : push.inboundPorts(workload);
    }

    /** Its certificate. */
    public Issued certificate() {
        Issued known = certificate;
        if (known == null) {
            Times times = cluster.times();
            Duration expired = hints.certificateExpired;
            Instant issued = expired == null
                    ? times.started()
                    : times.now().minus(expired).minus(Duration.ofHours(24));
            known = authority().issue(workload.identity(cluster.spec().trustDomain), workload.id(), issued);
            certificate = known;
        }
        return known;
    }

    /** The authority whose certificate and root it holds. */
    public Authority authority() {
        return hints.otherRoot ? cluster.otherAuthority() : cluster.authority();
    }

    /** Whether it lost its control plane, and the control plane does not know. */
    boolean stale() {
        return hints.stale && istiod.down == null;
    }

    /** The version that istiod sent last. */
    String sentVersion() {
        return changed ? version(2) : version(1);
    }

    /** The version that it runs with, of a type. */
    String ackedVersion(String type) {
        boolean refused = !refused(type).isEmpty();
        return changed && !stale() && !refused && istiod.down == null ? version(2) : version(1);
    }

    private String version(int number) {
        Instant at = number == 1 ? cluster.times().pushed() : cluster.times().changed();
        return Times.seconds(at) + "/" + number;
    }

    /** The nonce under which istiod sent a version of a type. */
    String nonce(String version, String type) {
        return version + cluster.names().uid("nonce", workload.id(), type, version);
    }

    /** When a version was sent. */
    Instant sentAt(String version) {
        return version.equals(version(1))
                ? cluster.times().started().plusMillis(400)
                : cluster.times().changed().plusMillis(120);
    }

    /** When the configuration of a type was last updated. */
    String updated(String type) {
        return Times.millis(sentAt(ackedVersion(type)).plusMillis(40));
    }

    /** What it refuses of the last push of a type: names, and why. */
    Map<String, String> refused(String type) {
        if (type.equals(Xds.CDS)) {
            return hints.rejectedClusters;
        }
        String first = hints.rejected;
        if (!type.equals(Xds.LDS) || first == null) {
            return type.equals(Xds.LDS) ? hints.rejectedListeners : Map.of();
        }
        Map<String, String> refused = new LinkedHashMap<>();
        refused.put(String.valueOf(listeners().get(0).get("name")), first);
        refused.putAll(hints.rejectedListeners);
        return refused;
    }

    /** How Envoy reports what it refused of a type; empty where it refused nothing. */
    String rejection(String type) {
        List<String> reasons = new ArrayList<>();
        refused(type).forEach((name, reason) -> reasons.add(name + ": " + reason));
        if (reasons.isEmpty()) {
            return "";
        }
        return type.equals(Xds.CDS)
                ? "Error adding/updating cluster(s) " + String.join(", ", reasons)
                : "Error adding/updating listener(s) " + String.join("\n", reasons);
    }

    /** Whether a resource still waits for something that it needs, such as a certificate. */
    boolean warming(String name) {
        return hints.warming.contains(name);
    }

    /** Whether outlier detection took an endpoint out. */
    boolean ejected(Json address) {
        if (hints.ejected.isEmpty()) {
            return false;
        }
        return push.registry()
                .workload(address.at("socket_address", "address").text(""))
                .filter(peer -> hints.ejected.contains(peer.namespace() + "/" + peer.workloadName()))
                .isPresent();
    }

    /** {@code sidecar} or {@code router}. */
    String type() {
        return workload.gateway() ? "router" : "sidecar";
    }

    /** Name and namespace in istiod's form. */
    String id() {
        return workload.name() + "." + workload.namespace();
    }

    /** Its version of Istio. */
    String version() {
        return hints.proxyVersion == null ? istiod.version : hints.proxyVersion;
    }

    /** Envoy's version in it. Source: Istio, "Supported Releases": 1.27 carries Envoy 1.35, and so on. */
    int envoyMinor() {
        String[] parts = version().split("[.-]");
        try {
            return parts.length > 1 ? Integer.parseInt(parts[1]) + 8 : 35;
        } catch (NumberFormatException e) {
            return 35;
        }
    }
}
