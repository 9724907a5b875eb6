package dev.meshdx.source.internal.kubeconfig;

import dev.meshdx.error.MeshConfigurationException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * Opens the way to a cluster: finds out which one and as whom, and builds the client. No request is sent and no program is
 * run until the client is used.
 *
 * <p>In this order: what the caller named; the files of {@code KUBECONFIG}; {@code ~/.kube/config}; the pod's service
 * account. There is no fallback to {@code localhost:8080}: it would turn a slip of the pen into "connection refused".
 */
public final class ClusterAccessFactory {
    private final AccessRequest request;

    private ClusterAccessFactory(AccessRequest request) {
        this.request = request;
    }

    /**
     * Opens the way.
     *
     * @throws MeshConfigurationException if the configuration cannot work: names the file, the entry and what to do
     * @throws dev.meshdx.error.MeshAccessException if a credential is there but cannot be had
     */
    public static ClusterAccess open(AccessRequest request) {
        return new ClusterAccessFactory(request).open();
    }

    private ClusterAccess open() {
        if (request.inCluster()) {
            if (request.text() != null || !request.files().isEmpty() || request.context() != null) {
                throw new MeshConfigurationException(
                        "The pod's service account is asked for, and a kubeconfig or a context as well.",
                        "Leave one of the two out.");
            }
            if (!isInPod()) {
                throw new MeshConfigurationException(
                        "The pod's service account is asked for, but this is not a pod (KUBERNETES_SERVICE_HOST is not"
                                + " set).",
                        "Run in a pod, or use a kubeconfig.");
            }
            return inCluster();
        }
        Kubeconfig kubeconfig = Kubeconfig.find(request);
        if (kubeconfig != null) {
            return from(kubeconfig.select(request.context()));
        }
        Path usual = request.home().resolve(".kube").resolve("config");
        String searched = "KUBECONFIG is not set and " + usual + " does not exist";
        if (isInPod() && request.context() == null) {
            return inCluster();
        }
        throw new MeshConfigurationException(
                (request.context() == null
                                ? "There is no kubeconfig: "
                                : "There is no kubeconfig with the context \"" + request.context() + "\": ")
                        + searched
                        + (isInPod() ? "." : ", and this is not a pod (KUBERNETES_SERVICE_HOST is not set)."),
                "Name a kubeconfig, or put it at " + usual + ".");
    }

    // A pod

    private boolean isInPod() {
        return !request.environment()
                .getOrDefault("KUBERNETES_SERVICE_HOST", "")
                .isBlank();
    }

    /** Source: Kubernetes docs, "Accessing the Kubernetes API from a Pod"; client-go, {@code rest.InClusterConfig}. */
    private ClusterAccess inCluster() {
        String host = request.environment()
                .getOrDefault("KUBERNETES_SERVICE_HOST", "")
                .strip();
        String port = request.environment()
                .getOrDefault("KUBERNETES_SERVICE_PORT", "443")
                .strip();
        HttpUrl server = HttpUrl.parse("https://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port + "/");
        if (server == null) {
            throw new MeshConfigurationException(
                    "KUBERNETES_SERVICE_HOST=" + host + " and KUBERNETES_SERVICE_PORT=" + port + " are no address.",
                    "Correct the environment, or use a kubeconfig.");
        }
        Path authority = request.serviceAccount().resolve("ca.crt");
        List<X509Certificate> authorities;
        try {
            authorities = Pem.certificates(LocalFiles.read(authority, LocalFiles.MAX_CREDENTIAL));
        } catch (LocalFiles.Unreadable e) {
            throw new MeshConfigurationException(
                    "The service account's " + authority + " " + e.why() + ".",
                    "Let the pod mount it (automountServiceAccountToken), or use a kubeconfig.");
        } catch (Pem.Malformed e) {
            throw new MeshConfigurationException(
                    "The service account's " + authority + " " + e.why() + ".", "Restart the pod.");
        }
        Credentials credentials = request.token() != null
                ? given(request.token())
                : readable(new TokenFileCredentials(
                        "in-cluster", request.serviceAccount().resolve("token"), null, request.clock()));
        String namespace = request.namespace();
        if (namespace == null) {
            namespace = namespaceOfPod();
        }
        return access(
                "in-cluster",
                namespace,
                server,
                ServerTls.verifying(authorities, null, null),
                credentials,
                Headers.of(),
                proxy(server, null));
    }

    private String namespaceOfPod() {
        Path file = request.serviceAccount().resolve("namespace");
        try {
            String name =
                    Files.exists(file) ? new String(LocalFiles.read(file, 1024), StandardCharsets.UTF_8).strip() : "";
            return name.isEmpty() ? "default" : name;
        } catch (LocalFiles.Unreadable e) {
            return "default";
        }
    }

    // A kubeconfig

    private ClusterAccess from(Kubeconfig.Selection selection) {
        YamlNode cluster = selection.cluster();
        List<X509Certificate> authorities = authorities(cluster);
        boolean insecure = cluster.at("insecure-skip-tls-verify").bool();
        if (insecure && !authorities.isEmpty()) {
            throw cluster.wrong(
                    "it has a certificate-authority and insecure-skip-tls-verify, which contradict each other.",
                    "Remove insecure-skip-tls-verify.");
        }
        String serverName = serverName(cluster.at("tls-server-name"));
        HttpUrl server = server(cluster.at("server"), insecure || !authorities.isEmpty());
        YamlNode user = selection.user();
        boolean clear = !server.isHttps() && !ProxyRoute.isLoopback(server.host());
        ClientIdentity identity = user == null || clear || request.token() != null ? null : identity(user);
        ServerTls tls = insecure
                ? ServerTls.insecure(serverName, identity)
                : ServerTls.verifying(authorities, serverName, identity);
        Credentials credentials = credentials(selection, server, identity, clear);
        Headers impersonation = user == null ? Headers.of() : impersonation(user);
        String namespace = request.namespace();
        if (namespace == null) {
            String own = selection.context().at("namespace").text();
            namespace = own == null ? "default" : own;
        }
        return access(
                "context " + selection.name(),
                namespace,
                server,
                tls,
                credentials,
                impersonation,
                proxy(server, cluster.at("proxy-url")));
    }

    private static HttpUrl server(YamlNode node, boolean tls) {
        String text = node.text();
        if (text == null) {
            throw node.wrong("the cluster has no server.", "Add `server: https://HOST:6443`.");
        }
        // kubectl completes an address without a scheme; to send credentials in the clear is left to those who write
        // http.
        String full = text.contains("://") || !tls ? text : "https://" + text;
        HttpUrl url = full.matches("(?i)https?://[^/].*") ? HttpUrl.parse(full) : null;
        if (url == null) {
            throw node.wrong(
                    "this is not a URL that starts with https:// or http://.", "Write `server: https://HOST:6443`.");
        }
        if (!url.username().isEmpty() || !url.password().isEmpty()) {
            throw node.wrong(
                    "the URL holds a user name or a password.", "Move them to the user entry of the kubeconfig.");
        }
        if (url.query() != null || url.fragment() != null) {
            throw node.wrong("the URL has a query or a fragment.", "Write `server: https://HOST:6443`.");
        }
        return url;
    }

    private static @Nullable String serverName(YamlNode node) {
        String name = node.text();
        if (name != null && !ServerTls.isAddress(name)) {
            try {
                return new javax.net.ssl.SNIHostName(name).getAsciiName();
            } catch (IllegalArgumentException e) {
                throw node.wrong("this is not a host name.", "Write the name that the server's certificate bears.");
            }
        }
        return name;
    }

    private static List<X509Certificate> authorities(YamlNode cluster) {
        YamlNode node = cluster.at("certificate-authority-data");
        byte[] pem = node.base64();
        if (pem == null) {
            node = cluster.at("certificate-authority");
            pem = node.fileBytes();
        }
        if (pem == null) {
            return List.of();
        }
        try {
            return Pem.certificates(pem);
        } catch (Pem.Malformed e) {
            throw node.wrong("the certificate authority " + e.why() + ".", e.remedy());
        }
    }

    private Credentials credentials(
            Kubeconfig.Selection selection, HttpUrl server, @Nullable ClientIdentity identity, boolean clear) {
        String token = request.token();
        if (token != null) {
            if (clear) {
                throw selection
                        .cluster()
                        .at("server")
                        .wrong(
                                "the token would be sent in the clear: the server's URL starts with http://.",
                                "Use https://.");
            }
            return given(token);
        }
        YamlNode user = selection.user();
        if (user == null || clear) {
            // As kubectl does, nothing is proven to a server without TLS; on this machine nobody listens in.
            return Credentials.ANONYMOUS;
        }
        Path tokenFile = user.at("tokenFile").file();
        if (tokenFile != null) {
            return readable(
                    new TokenFileCredentials(user.at("tokenFile").place(), tokenFile, identity, request.clock()));
        }
        YamlNode inline = user.at("token");
        String own = inline.text();
        if (own != null) {
            String problem = Tokens.problem(own);
            if (problem != null) {
                throw inline.wrong("the token " + problem + ".", "Copy it again, on one line.");
            }
            return Credentials.always(new Credentials.Credential("Bearer " + own, identity));
        }
        String name = user.at("username").text();
        if (name != null) {
            String password = user.at("password").text();
            return Credentials.always(new Credentials.Credential(
                    okhttp3.Credentials.basic(name, password == null ? "" : password, StandardCharsets.UTF_8),
                    identity));
        }
        if (user.at("exec").exists()) {
            return ExecCredentials.of(user.at("exec"), told(selection.cluster(), server), identity, request);
        }
        if (user.at("auth-provider").exists()) {
            return provider(user.at("auth-provider"), identity);
        }
        return Credentials.always(new Credentials.Credential(null, identity));
    }

    private static Credentials given(String token) {
        String problem = Tokens.problem(token.strip());
        if (problem != null) {
            throw new MeshConfigurationException("The given token " + problem + ".", "Give a token on one line.");
        }
        return Credentials.always(new Credentials.Credential("Bearer " + token.strip(), null));
    }

    /** A token file that cannot be read is told now, not with the first request. */
    private static Credentials readable(TokenFileCredentials credentials) {
        credentials.check();
        return credentials;
    }

    private Credentials provider(YamlNode provider, @Nullable ClientIdentity identity) {
        String name = provider.at("name").text();
        if ("oidc".equals(name)) {
            return OidcCredentials.of(provider, identity, request);
        }
        String instead = "gcp".equals(name)
                ? "`gcloud container clusters get-credentials` writes an entry for gke-gcloud-auth-plugin."
                : "azure".equals(name)
                        ? "`kubelogin convert-kubeconfig` turns it into an exec plug-in."
                        : "Use an exec plug-in instead.";
        throw provider.wrong("auth-provider " + name + " is not supported; Kubernetes itself removed it.", instead);
    }

    private @Nullable ClientIdentity identity(YamlNode user) {
        YamlNode certificateNode = user.at("client-certificate-data");
        byte[] certificate = certificateNode.base64();
        if (certificate == null) {
            certificateNode = user.at("client-certificate");
            certificate = certificateNode.fileBytes();
        }
        YamlNode keyNode = user.at("client-key-data");
        byte[] key = keyNode.base64();
        if (key == null) {
            keyNode = user.at("client-key");
            key = keyNode.fileBytes();
        }
        if (certificate == null && key == null) {
            return null;
        }
        if (certificate == null || key == null) {
            throw user.wrong(
                    certificate == null
                            ? "there is a client key, but no client certificate."
                            : "there is a client certificate, but no client key.",
                    certificate == null ? "Add client-certificate-data." : "Add client-key-data.");
        }
        try {
            return ClientIdentity.of(certificate, key, request.clock().instant());
        } catch (Pem.Malformed e) {
            throw (e.why().startsWith("the client key") ? keyNode : certificateNode).wrong(e.why() + ".", e.remedy());
        }
    }

    /** Source: Kubernetes docs, "User impersonation". */
    private static Headers impersonation(YamlNode user) {
        Headers.Builder headers = new Headers.Builder();
        String as = user.at("as").text();
        if (as != null) {
            headers.addUnsafeNonAscii("Impersonate-User", headerValue(user.at("as"), as));
        }
        String uid = user.at("as-uid").text();
        if (uid != null) {
            headers.addUnsafeNonAscii("Impersonate-Uid", headerValue(user.at("as-uid"), uid));
        }
        for (String group : user.at("as-groups").texts()) {
            headers.addUnsafeNonAscii("Impersonate-Group", headerValue(user.at("as-groups"), group));
        }
        YamlNode extra = user.at("as-user-extra");
        for (String key : extra.keys()) {
            for (String value : extra.at(key).texts()) {
                headers.addUnsafeNonAscii("Impersonate-Extra-" + escaped(key), headerValue(extra.at(key), value));
            }
        }
        Headers built = headers.build();
        if (as == null && built.size() > 0) {
            throw user.wrong(
                    "it impersonates groups, a uid or extras, but no user.", "Add `as: USER`, or remove the others.");
        }
        return built;
    }

    private static String headerValue(YamlNode node, String value) {
        if (value.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
            throw node.wrong("this holds a line break or a control character.", "Write it on one line.");
        }
        return value;
    }

    /** Percent-encodes what may not stand in a header's name, as client-go does. */
    private static String escaped(String key) {
        StringBuilder escaped = new StringBuilder();
        for (byte b : key.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || "!#$&'*+-.^_`|~".indexOf(c) >= 0) {
                escaped.append(c);
            } else {
                escaped.append(String.format(Locale.ROOT, "%%%02X", (int) c));
            }
        }
        return escaped.toString();
    }

    /** What an exec plug-in is told of the cluster. Source: Kubernetes docs, "client-authentication (v1)", Cluster. */
    private static Map<String, ?> told(YamlNode cluster, HttpUrl server) {
        Map<String, @Nullable Object> told = new LinkedHashMap<>();
        told.put("server", server.toString());
        String name = cluster.at("tls-server-name").text();
        if (name != null) {
            told.put("tls-server-name", name);
        }
        if (cluster.at("insecure-skip-tls-verify").bool()) {
            told.put("insecure-skip-tls-verify", true);
        }
        byte[] authority = cluster.at("certificate-authority-data").base64();
        if (authority == null) {
            authority = cluster.at("certificate-authority").fileBytes();
        }
        if (authority != null) {
            told.put("certificate-authority-data", java.util.Base64.getEncoder().encodeToString(authority));
        }
        String proxy = cluster.at("proxy-url").text();
        if (proxy != null) {
            told.put("proxy-url", proxy);
        }
        for (YamlNode extension : cluster.at("extensions").items()) {
            if ("client.authentication.k8s.io/exec".equals(extension.at("name").text())) {
                told.put("config", extension.at("extension").plain());
            }
        }
        return told;
    }

    // Both

    private ProxyRoute proxy(HttpUrl server, @Nullable YamlNode node) {
        String url = node == null ? null : node.text();
        try {
            return url == null ? ProxyRoute.ofEnvironment(server, request.environment()) : ProxyRoute.through(url);
        } catch (ProxyRoute.Unusable e) {
            String remedy = "Write http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT.";
            if (url == null || node == null) {
                throw new MeshConfigurationException(e.why() + ".", remedy);
            }
            throw node.wrong("the proxy's URL " + e.why() + ".", remedy);
        }
    }

    private static ClusterAccess access(
            String description,
            String namespace,
            HttpUrl server,
            ServerTls tls,
            Credentials credentials,
            Headers impersonation,
            ProxyRoute proxy) {
        OkHttpClient.Builder builder = HttpClients.builder();
        tls.apply(builder);
        proxy.apply(builder, tls);
        builder.addInterceptor(new CredentialInterceptor(server, credentials, impersonation, tls));
        OkHttpClient http = builder.build();
        return new ClusterAccess(description, namespace, server, http, () -> {
            credentials.close();
            HttpClients.close(http);
        });
    }
}
