package dev.meshdx.source.internal.live;

import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.error.Reason;
import dev.meshdx.model.Json;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.source.Deadline;
import dev.meshdx.source.internal.live.RefusedException.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Finds out in which version a server serves a kind, and whether it does at all. The aggregated document costs one request
 * for all groups; a server older than Kubernetes 1.26 is asked group by group. Kinds of the core group are always served as
 * {@code v1}, so nothing is asked for them.
 *
 * <p>Source: Kubernetes docs, "API concepts", aggregated and unaggregated discovery.
 */
final class Discovery {
    private static final String ACCEPT = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
            + "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

    /** A CRD may be installed any time: a "no" is asked for again when it is this old. */
    private static final Duration FRESH = Duration.ofSeconds(20);

    /** What is tried, in this order, where discovery is forbidden. All kinds that we know of have been one of these. */
    private static final List<String> GUESSES = List.of("v1", "v1beta1", "v1alpha3", "v1alpha1");

    private final ApiServer server;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, String> guessed = new ConcurrentHashMap<>();
    private volatile @Nullable Groups memo;

    Discovery(ApiServer server) {
        this.server = server;
    }

    /**
     * The versions to ask for, the best first; the next one only where the one before is not found.
     *
     * @throws MeshUnsupportedException if the kind is not served
     */
    List<String> versions(Workers.Ticket ticket, ResourceKind kind, Deadline deadline) throws InterruptedException {
        if (kind.group().isEmpty()) {
            return List.of(kind.version());
        }
        String known = guessed.get(kind.qualifiedPlural());
        if (known != null) {
            return List.of(known);
        }
        Groups groups = groups(ticket, deadline, memo);
        List<String> versions = select(ticket, groups, kind, deadline);
        if (versions.isEmpty() && System.nanoTime() - groups.readAt > FRESH.toNanos()) {
            groups = groups(ticket, deadline, null);
            versions = select(ticket, groups, kind, deadline);
        }
        if (versions.isEmpty()) {
            throw notInstalled(kind);
        }
        return versions;
    }

    /** Notes which guess was right. */
    void served(ResourceKind kind, String version) {
        Groups groups = memo;
        if (groups != null && groups.forbidden) {
            guessed.put(kind.qualifiedPlural(), version);
        }
    }

    /** Notes that what was known is not so any more. */
    void forget(ResourceKind kind) {
        guessed.remove(kind.qualifiedPlural());
        memo = null;
    }

    static MeshUnsupportedException notInstalled(ResourceKind kind) {
        return new MeshUnsupportedException(
                Reason.NOT_INSTALLED,
                "The API server does not serve " + kind.qualifiedPlural() + ".",
                kind.group().endsWith("istio.io") || kind.group().startsWith("gateway.networking")
                        ? "Install its CRD if you want to use it: kubectl get crd " + kind.qualifiedPlural()
                        : "");
    }

    private List<String> select(Workers.Ticket ticket, Groups groups, ResourceKind kind, Deadline deadline)
            throws InterruptedException {
        if (groups.forbidden) {
            Set<String> guesses = new LinkedHashSet<>(List.of(kind.version()));
            guesses.addAll(GUESSES);
            return List.copyOf(guesses);
        }
        List<String> offered = groups.versions.getOrDefault(kind.group(), List.of());
        // The version that the views were written for first, then in the server's order.
        List<String> ordered = new ArrayList<>(offered);
        if (ordered.remove(kind.version())) {
            ordered.add(0, kind.version());
        }
        for (String version : ordered) {
            Set<String> plurals = groups.resources.get(kind.group() + "/" + version);
            if (plurals == null && !groups.aggregated) {
                plurals = resources(ticket, groups, kind.group(), version, deadline);
            }
            // A stale or unreadable part does not say that a kind is missing.
            if (plurals == null || plurals.contains(kind.plural())) {
                return List.of(version);
            }
        }
        return List.of();
    }

    private Groups groups(Workers.Ticket ticket, Deadline deadline, @Nullable Groups known)
            throws InterruptedException {
        if (known != null) {
            return known;
        }
        Groups before = memo;
        if (!lock.tryLock(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS)) {
            throw deadline.timeout("Discovery of the API");
        }
        try {
            Groups now = memo;
            if (now != null && now != before) {
                return now;
            }
            Groups read = read(ticket, deadline);
            memo = read;
            return read;
        } finally {
            lock.unlock();
        }
    }

    private Groups read(Workers.Ticket ticket, Deadline deadline) throws InterruptedException {
        Question question = Question.path("/apis");
        Json document;
        try {
            document = server.json(ticket, question, server.url("apis").build(), ACCEPT, deadline, Json::read);
        } catch (RefusedException e) {
            Answer answer = e.answer();
            if (answer.code() == 403 || answer.code() == 404 || answer.code() == 406) {
                return Groups.unknown();
            }
            throw ApiServer.refused(question, answer);
        }
        return switch (document.at("kind").text("")) {
            case "APIGroupDiscoveryList" -> aggregated(document);
            case "APIGroupList" -> plain(document);
            default ->
                throw new MeshProtocolException("/apis: expected a list of API groups, but got "
                        + PlainText.kind(document.at("kind").text("")) + ".");
        };
    }

    private static Groups aggregated(Json document) {
        Groups groups = new Groups(false, true);
        for (Json group : document.at("items").items()) {
            String name = group.at("metadata", "name").text("");
            List<String> versions = new ArrayList<>();
            for (Json version : group.at("versions").items()) {
                String number = version.at("version").text("");
                versions.add(number);
                // Stale: the server behind an aggregated API did not answer when it was asked what it serves.
                if (!version.at("freshness").text("").equals("Stale")) {
                    Set<String> plurals = new LinkedHashSet<>();
                    version.at("resources")
                            .items()
                            .forEach(resource ->
                                    plurals.add(resource.at("resource").text("")));
                    groups.resources.put(name + "/" + number, plurals);
                }
            }
            groups.versions.put(name, List.copyOf(versions));
        }
        return groups;
    }

    private static Groups plain(Json document) {
        Groups groups = new Groups(false, false);
        for (Json group : document.at("groups").items()) {
            List<String> versions = new ArrayList<>();
            group.at("versions")
                    .items()
                    .forEach(version -> versions.add(version.at("version").text("")));
            groups.versions.put(group.at("name").text(""), List.copyOf(versions));
        }
        return groups;
    }

    /** What a group serves in a version; null where that cannot be told. */
    private @Nullable Set<String> resources(
            Workers.Ticket ticket, Groups groups, String group, String version, Deadline deadline)
            throws InterruptedException {
        Question question = Question.path("/apis/" + group + "/" + version);
        Json document;
        try {
            document = server.json(
                    ticket, question, server.url("apis", group, version).build(), ApiServer.JSON, deadline, Json::read);
        } catch (RefusedException e) {
            if (e.answer().code() == 404) {
                return Set.of();
            }
            if (e.answer().code() == 401) {
                throw ApiServer.refused(question, e.answer());
            }
            return null;
        }
        if (!document.at("kind").text("").equals("APIResourceList")) {
            throw new MeshProtocolException(question.what() + ": expected an APIResourceList, but got "
                    + PlainText.kind(document.at("kind").text("")) + ".");
        }
        Set<String> plurals = new LinkedHashSet<>();
        document.at("resources")
                .items()
                .forEach(resource -> plurals.add(resource.at("name").text("")));
        groups.resources.put(group + "/" + version, plurals);
        return plurals;
    }

    /** What the server said. Parts are added to {@code resources} as they are asked for. */
    private static final class Groups {
        final boolean forbidden;
        final boolean aggregated;
        final Map<String, List<String>> versions = new HashMap<>();
        final Map<String, Set<String>> resources = new ConcurrentHashMap<>();
        final long readAt = System.nanoTime();

        Groups(boolean forbidden, boolean aggregated) {
            this.forbidden = forbidden;
            this.aggregated = aggregated;
        }

        static Groups unknown() {
            return new Groups(true, false);
        }
    }
}
