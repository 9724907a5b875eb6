package dev.meshdx.security;

import dev.meshdx.annotation.Internal;
import dev.meshdx.model.ResourceRef;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which root certificates the mesh stands on: those of the proxies and those in the namespaces' ConfigMaps
 * {@code istio-ca-root-cert}, and which of them are the mesh's. Immutable; safe for use by several threads.
 */
public final class RootCertificates {
    private final List<CertificateInfo> mesh;
    private final List<Copy> copies;

    private RootCertificates(List<CertificateInfo> mesh, List<Copy> copies) {
        this.mesh = List.copyOf(mesh);
        this.copies = List.copyOf(copies);
    }

    /** A namespace's copy of the root, with which new pods start. Source: Istio, istiod's namespace controller. */
    public static final class Copy {
        private final ResourceRef configMap;
        private final boolean present;
        private final boolean needed;
        private final List<CertificateInfo> certificates;

        private Copy(ResourceRef configMap, boolean present, boolean needed, List<CertificateInfo> certificates) {
            this.configMap = configMap;
            this.present = present;
            this.needed = needed;
            this.certificates = List.copyOf(certificates);
        }

        /** Puts it together. */
        @Internal
        public static Copy of(
                ResourceRef configMap, boolean present, boolean needed, List<CertificateInfo> certificates) {
            return new Copy(configMap, present, needed, certificates);
        }

        /** The ConfigMap. */
        public ResourceRef configMap() {
            return configMap;
        }

        /** Whether it exists. */
        public boolean present() {
            return present;
        }

        /** Whether pods of the namespace mount it; those of meshes that use ClusterTrustBundles do not. */
        public boolean needed() {
            return needed;
        }

        /** Its certificates. */
        public List<CertificateInfo> certificates() {
            return certificates;
        }

        @Override
        public String toString() {
            return configMap + (present ? ": " + certificates.size() + " roots" : ": missing");
        }
    }

    /**
     * Finds out which roots are the mesh's: those that more than half of the proxies and copies have; where no root has so
     * many, the one with the most; of several with as many, the control plane's own copy decides; else none.
     */
    @Internal
    public static RootCertificates of(List<ProxyCertificates> proxies, List<Copy> copies, String istioNamespace) {
        Map<String, Integer> votes = new TreeMap<>();
        Map<String, CertificateInfo> byKey = new LinkedHashMap<>();
        int voters = 0;
        List<List<CertificateInfo>> all = new ArrayList<>();
        proxies.forEach(proxy -> all.add(proxy.roots()));
        copies.forEach(copy -> all.add(copy.certificates()));
        for (List<CertificateInfo> roots : all) {
            Set<String> keys = keys(roots);
            voters += keys.isEmpty() ? 0 : 1;
            keys.forEach(key -> votes.merge(key, 1, Integer::sum));
            roots.forEach(root -> root.keyFingerprint().ifPresent(key -> byKey.putIfAbsent(key, root)));
        }
        int half = voters / 2;
        int most = votes.values().stream().mapToInt(Integer::intValue).max().orElse(0);
        List<String> chosen = votes.keySet().stream()
                .filter(key -> votes.getOrDefault(key, 0) > half)
                .toList();
        if (chosen.isEmpty()) {
            chosen = votes.keySet().stream()
                    .filter(key -> votes.getOrDefault(key, 0) == most)
                    .toList();
            if (chosen.size() > 1) {
                Set<String> own = copies.stream()
                        .filter(copy -> copy.configMap().namespace().equals(istioNamespace))
                        .findFirst()
                        .map(copy -> keys(copy.certificates()))
                        .orElse(Set.of());
                chosen = chosen.stream().filter(own::contains).toList();
            }
        }
        List<CertificateInfo> mesh = new ArrayList<>();
        for (String key : chosen) {
            CertificateInfo root = byKey.get(key);
            if (root != null) {
                mesh.add(root);
            }
        }
        return new RootCertificates(mesh, copies);
    }

    /** The keys of some roots, as far as they are known. */
    static Set<String> keys(List<CertificateInfo> roots) {
        Set<String> keys = new LinkedHashSet<>();
        roots.forEach(root -> root.keyFingerprint().ifPresent(keys::add));
        return keys;
    }

    /** Whether two sets of roots have an authority in common; true where that cannot be told. */
    @Internal
    public static boolean overlap(List<CertificateInfo> some, List<CertificateInfo> others) {
        Set<String> keys = keys(some);
        Set<String> otherKeys = keys(others);
        return keys.isEmpty() || otherKeys.isEmpty() || keys.stream().anyMatch(otherKeys::contains);
    }

    /** The mesh's roots; empty where they cannot be told. Several while a root is being replaced. */
    public List<CertificateInfo> mesh() {
        return mesh;
    }

    /** The copies in the namespaces. */
    public List<Copy> copies() {
        return copies;
    }

    /** A root in a few words: subject and the first digits of its fingerprint. */
    @Internal
    public static String describe(@Nullable CertificateInfo root) {
        return root == null
                ? "none"
                : "\"" + root.subject() + "\" ("
                        + root.fingerprint()
                                .map(digits -> digits.substring(0, 16))
                                .orElse(root.serialNumber()) + "…)";
    }

    @Override
    public String toString() {
        return mesh.size() + " roots: "
                + String.join(
                        ", ",
                        mesh.stream().limit(3).map(RootCertificates::describe).toList()) + "; "
                + copies.size() + " copies";
    }
}
