package dev.meshdx.traffic.internal.checks;

import dev.meshdx.model.ResourceRef;

/**
 * Names of secrets that come from Secrets of Kubernetes: {@code kubernetes://NAME} and {@code kubernetes://NAMESPACE/NAME},
 * with {@code -cacert} at the end for the roots. Source: istio/istio, {@code pilot/pkg/model/credentials/resource.go}.
 */
final class Credentials {
    private static final String KUBERNETES = "kubernetes://";

    private Credentials() {}

    static boolean isKubernetes(String name) {
        return name.startsWith(KUBERNETES);
    }

    /** What stands after the scheme. */
    static String text(String name) {
        return isKubernetes(name) ? name.substring(KUBERNETES.length()) : name;
    }

    /** The Secret; without a namespace it lies in the pod's. */
    static ResourceRef ref(String name, ResourceRef pod) {
        String credential = text(name);
        int slash = credential.indexOf('/');
        return slash < 0
                ? ResourceRef.of("Secret", pod.namespace(), credential)
                : ResourceRef.of("Secret", credential.substring(0, slash), credential.substring(slash + 1));
    }
}
