package dev.meshdx.source.internal.live;

import dev.meshdx.error.MeshAccessException;

/**
 * What is asked of the API server, in the words of its access rules.
 *
 * @param what for messages: {@code pods in production}
 * @param verb {@code get}, {@code list}, {@code create}
 * @param group API group; empty for the core group
 * @param resource plural, with the subresource where there is one; empty for a path that is no resource
 * @param namespace empty for all namespaces and cluster-wide kinds
 * @param path the path, where it is no resource
 */
record Question(String what, String verb, String group, String resource, String namespace, String path) {
    static Question of(String what, String verb, String group, String resource, String namespace) {
        return new Question(what, verb, group, resource, namespace, "");
    }

    static Question path(String path) {
        return new Question(path, "get", "", "", "", path);
    }

    /** The server knows us, and says no. */
    MeshAccessException forbidden(String serverSays) {
        String of = resource.isEmpty() ? path : resource + (group.isEmpty() ? "" : " in API group " + group);
        String where =
                resource.isEmpty() ? "" : namespace.isEmpty() ? " in all namespaces" : " in namespace " + namespace;
        return new MeshAccessException("Not allowed (403) to " + verb + " " + of + where + says(serverSays), allow());
    }

    /** The server does not know us. */
    MeshAccessException unauthorized(String serverSays) {
        return new MeshAccessException(
                "The API server does not accept our credentials (401) for " + what + says(serverSays),
                "Log in again or renew the token or client certificate of the kubeconfig's user; try: kubectl auth"
                        + " whoami");
    }

    /** The rule that would allow it. */
    String allow() {
        if (resource.isEmpty()) {
            return "Allow it with the rule {nonResourceURLs: [\"" + path + "\"], verbs: [" + verb
                    + "]}: kubectl create clusterrole meshdx-reader --verb=" + verb + " --non-resource-url=" + path
                    + ", and bind it.";
        }
        // A WebSocket is opened with GET, which is the verb "get"; newer clusters want "create" as well.
        String verbs = resource.equals("pods/portforward") ? "create,get" : verb;
        String subresource = resource.contains("/") ? resource.substring(resource.indexOf('/')) : "";
        String plural = resource.substring(0, resource.length() - subresource.length());
        String role = namespace.isEmpty() ? "clusterrole meshdx-reader" : "role meshdx-reader -n " + namespace;
        return "Allow it with the rule {apiGroups: [\"" + group + "\"], resources: [" + resource + "], verbs: [" + verbs
                + "]}: kubectl create " + role + " --verb=" + verbs + " --resource=" + plural
                + (group.isEmpty() ? "" : "." + group) + subresource + ", and bind it to the user"
                + (verb.equals("list") && namespace.isEmpty() ? "; or ask for one namespace only." : ".");
    }

    private static String says(String serverSays) {
        return serverSays.isEmpty() ? "." : ": " + serverSays + (serverSays.endsWith(".") ? "" : ".");
    }
}
