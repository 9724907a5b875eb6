package dev.meshdx.testkit.internal;

import dev.meshdx.model.Json;
import dev.meshdx.testkit.Fault;
import dev.meshdx.testkit.RecordedPodRequest;
import dev.meshdx.testkit.RecordedRequest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import okhttp3.tls.HeldCertificate;
import org.jspecify.annotations.Nullable;

/** Joins the parts of the fake: sockets, users, the API, the pods. */
public final class FakeServer implements AutoCloseable {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final ClusterState state;
    private final ApiServer server;
    private final Access access;
    private final PodPorts pods;
    private final Api api;

    /** Starts a server. */
    public FakeServer(ClusterState state) {
        this.state = state;
        this.server = new ApiServer(new Authority());
        this.access = new Access(server.authority());
        this.pods = new PodPorts(state, server.closing());
        this.api = new Api(state, access, pods, server.executor());
        addUser("admin", List.of("system:masters"));
        server.handler(api::answer);
    }

    /** Where it listens. */
    public URI url() {
        return URI.create("https://127.0.0.1:" + server.port());
    }

    /** The authority's certificate. */
    public String certificateAuthority() {
        return server.authority().pem();
    }

    /** Adds a user with a token. */
    public void addUser(String name, List<String> groups) {
        access.add(new Access.User(name, authenticated(groups), newToken(), null));
    }

    /** Adds a user with a certificate. */
    public void addCertificateUser(String name, List<String> groups, Instant notBefore, Instant notAfter) {
        HeldCertificate certificate =
                server.authority().client(name, notBefore.toEpochMilli(), notAfter.toEpochMilli());
        access.add(new Access.User(name, authenticated(groups), null, certificate));
    }

    private static List<String> authenticated(List<String> groups) {
        return java.util.stream.Stream.concat(groups.stream(), java.util.stream.Stream.of("system:authenticated"))
                .toList();
    }

    private static String newToken() {
        byte[] bytes = new byte[24];
        RANDOM.nextBytes(bytes);
        return "fake-" + HexFormat.of().formatHex(bytes);
    }

    private Access.User user(String name) {
        return access.user(name)
                .orElseThrow(() -> new IllegalArgumentException("There is no user \"" + name + "\"; there are "
                        + access.users().stream().map(Access.User::name).toList() + "."));
    }

    /** A user's token. */
    public String token(String name) {
        String token = user(name).token();
        if (token == null) {
            throw new IllegalArgumentException("User \"" + name + "\" has a certificate, and no token.");
        }
        return token;
    }

    /** Replaces a user's token. */
    public String renewToken(String name) {
        token(name);
        Access.User renewed = new Access.User(name, user(name).groups(), newToken(), null);
        access.add(renewed);
        return token(name);
    }

    /** Adds a rule. */
    public void rule(boolean allows, String user, String verb, String resource, String namespace) {
        String plain = resource.indexOf('/') < 0 ? resource : resource.substring(0, resource.indexOf('/'));
        boolean known = resource.contains("*")
                || List.of("users", "groups", "selfsubjectaccessreviews", "selfsubjectrulesreviews")
                        .contains(plain)
                || state.kinds().stream()
                        .map(ServedKind::kind)
                        .anyMatch(kind -> plain.equals(kind.plural()) || plain.equals(kind.qualifiedPlural()));
        if (!known) {
            throw new IllegalArgumentException(
                    "No resource \"" + resource
                            + "\" is served; name it as in RBAC rules, such as pods, pods/log or gateways.networking.istio.io.");
        }
        access.rule(allows, user, verb, resource, namespace);
    }

    /** Forgets all rules. */
    public void clearRules() {
        access.clearRules();
    }

    /** Adds a fault. */
    public void fault(String path, Fault fault) {
        api.faults().add(path, fault);
    }

    /** Ends all faults. */
    public void clearFaults() {
        api.faults().clear();
    }

    /** Makes continue tokens too old. */
    public void expireContinueTokens() {
        api.expireContinueTokens();
    }

    /** What was asked. */
    public List<RecordedRequest> requests() {
        return api.requests();
    }

    /** What was asked of pods. */
    public List<RecordedPodRequest> podRequests() {
        return pods.requests();
    }

    /** What was asked and is unknown. */
    public List<RecordedRequest> unexpectedRequests() {
        return api.unexpected();
    }

    /** Forgets what was asked. */
    public void forgetRequests() {
        api.forgetRequests();
        pods.forgetRequests();
    }

    /** Stops to listen. */
    public void down() {
        server.down();
    }

    /** Listens again. */
    public void up() {
        server.up();
    }

    /** A kubeconfig with a context for each user. */
    public String kubeconfig(String current) {
        StringBuilder text = new StringBuilder()
                .append("apiVersion: v1\nkind: Config\nclusters:\n- name: fake\n  cluster:\n    server: ")
                .append(url())
                .append("\n    certificate-authority-data: ")
                .append(base64(certificateAuthority()))
                .append("\ncontexts:\n");
        for (Access.User user : access.users()) {
            text.append("- name: ")
                    .append(quoted(context(user.name())))
                    .append("\n  context:\n    cluster: fake\n    user: ");
            text.append(quoted(user.name())).append('\n');
        }
        text.append("current-context: ")
                .append(quoted(context(user(current).name())))
                .append("\nusers:\n");
        for (Access.User user : access.users()) {
            text.append("- name: ").append(quoted(user.name())).append("\n  user:\n");
            append(text, "token", user.token());
            HeldCertificate certificate = user.certificate();
            if (certificate != null) {
                append(text, "client-certificate-data", base64(certificate.certificatePem()));
                append(text, "client-key-data", base64(certificate.privateKeyPkcs8Pem()));
            }
        }
        return text.toString();
    }

    private static void append(StringBuilder text, String name, @Nullable String value) {
        if (value != null) {
            text.append("    ").append(name).append(": ").append(value).append('\n');
        }
    }

    private static String context(String user) {
        return user.equals("admin") ? "fake" : "fake-" + user;
    }

    /** A JSON text is a YAML text too. */
    private static String quoted(String name) {
        return Json.of(name).toString();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        server.close();
    }
}
