package dev.meshdx.testkit.internal;

import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import okhttp3.tls.HeldCertificate;
import org.jspecify.annotations.Nullable;

/** Who may do what: everybody everything, but for the rules, of which the last that matches counts. */
final class Access {
    static final User ANONYMOUS = new User("system:anonymous", List.of("system:unauthenticated"), null, null);

    /** Somebody with credentials. */
    record User(
            String name,
            List<String> groups,
            @Nullable String token,
            @Nullable HeldCertificate certificate) {
        boolean isAnonymous() {
            return name.equals("system:anonymous");
        }
    }

    /** What somebody wants to do. */
    record Request(String verb, String group, String resource, String namespace, String name) {
        String qualifiedResource() {
            int slash = resource.indexOf('/');
            if (group.isEmpty()) {
                return resource;
            }
            return slash < 0
                    ? resource + "." + group
                    : resource.substring(0, slash) + "." + group + resource.substring(slash);
        }
    }

    private record Rule(boolean allows, String user, String verb, Pattern resource, String namespace) {
        boolean covers(User who, Request request) {
            return (user.equals("*") || user.equals(who.name()) || who.groups().contains(user))
                    && (verb.equals("*") || verb.equals(request.verb()))
                    && (resource.matcher(request.resource()).matches()
                            || resource.matcher(request.qualifiedResource()).matches())
                    && (namespace.equals("*") || namespace.equals(request.namespace()));
        }
    }

    private final Authority authority;
    private final Map<String, User> users = new ConcurrentSkipListMap<>();
    private final List<Rule> rules = new CopyOnWriteArrayList<>();

    Access(Authority authority) {
        this.authority = authority;
    }

    void add(User user) {
        users.put(user.name(), user);
    }

    Optional<User> user(String name) {
        return Optional.ofNullable(users.get(name));
    }

    Collection<User> users() {
        return List.copyOf(users.values());
    }

    void rule(boolean allows, String user, String verb, String resource, String namespace) {
        rules.add(new Rule(allows, user, verb, Faults.glob(resource), namespace));
    }

    void clearRules() {
        rules.clear();
    }

    /** Whether rules speak about a user at all. */
    boolean isRestricted(User user) {
        return user.isAnonymous()
                || rules.stream()
                        .anyMatch(rule -> rule.user().equals("*")
                                || rule.user().equals(user.name())
                                || user.groups().contains(rule.user()));
    }

    /** Who sent a request; empty where the credentials are no good. */
    Optional<User> authenticate(HttpRequest request, @Nullable X509Certificate certificate) {
        Optional<String> authorization = request.header("authorization");
        if (certificate != null && authorization.isEmpty()) {
            return authority.vouchesFor(certificate)
                    ? users.values().stream()
                            .filter(user -> user.certificate() != null
                                    && user.certificate().certificate().equals(certificate))
                            .findFirst()
                    : Optional.empty();
        }
        if (authorization.isEmpty()) {
            return Optional.of(ANONYMOUS);
        }
        String[] parts = authorization.get().split(" ", 2);
        if (parts.length != 2 || !parts[0].equalsIgnoreCase("bearer")) {
            return Optional.empty();
        }
        return users.values().stream()
                .filter(user -> parts[1].trim().equals(user.token()))
                .findFirst();
    }

    /** Who is meant where somebody acts for somebody else. */
    Optional<User> impersonated(HttpRequest request) {
        return request.header("impersonate-user")
                .map(name -> new User(
                        name,
                        request.headers()
                                        .getOrDefault("impersonate-group", List.of())
                                        .isEmpty()
                                ? user(name).map(User::groups).orElse(List.of("system:authenticated"))
                                : List.copyOf(request.headers().getOrDefault("impersonate-group", List.of())),
                        null,
                        null));
    }

    boolean allows(User user, Request request) {
        boolean allowed = !user.isAnonymous();
        for (Rule rule : rules) {
            if (rule.covers(user, request)) {
                allowed = rule.allows();
            }
        }
        return allowed;
    }
}
