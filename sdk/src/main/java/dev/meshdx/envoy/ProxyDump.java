package dev.meshdx.envoy;

import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.error.Reason;
import dev.meshdx.model.internal.Projection;
import dev.meshdx.source.PodRequest;
import dev.meshdx.source.Session;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a running proxy, which is asked for the sections and the names that a question is about. Source: Envoy,
 * "Administration interface", {@code /config_dump} with {@code mask}, {@code name_regex} and {@code include_eds}. Proxies that do
 * not know a parameter leave it aside, and those that refuse it are asked again without.
 */
final class ProxyDump implements Dump {
    /** What Envoy answers, with status 400, where no section has the fields that were asked for. */
    private static final String NO_SECTION = "could not be successfully applied";

    private final Supplier<Session> sessions;
    private final String namespace;
    private final String pod;
    private final boolean status;

    /**
     * A proxy.
     *
     * @param status whether endpoints come from {@code /clusters}, with their health, instead of what the control plane sent
     */
    ProxyDump(Supplier<Session> sessions, String namespace, String pod, boolean status) {
        this.sessions = sessions;
        this.namespace = namespace;
        this.pod = pod;
        this.status = status;
    }

    @Override
    public Outcome read(Map<Section, Projection> wanted, NameFilter names, BiConsumer<Section, Entry> entries) {
        Session session = sessions.get();
        if (status) {
            return fetch(session, "/clusters?format=json", wanted, names, entries);
        }
        try {
            return fetch(session, path(wanted.keySet(), names.expression()), wanted, names, entries);
        } catch (MeshUnsupportedException | MeshNotFoundException e) {
            if (e.reason() == Reason.UNSUPPORTED
                    && String.valueOf(e.getMessage()).contains(NO_SECTION)) {
                // Nothing of that kind: Envoy leaves out a section that would be empty.
                return new Outcome(wanted.keySet(), null);
            }
            if (e.reason() == Reason.NOT_RECORDED) {
                throw e;
            }
            try {
                return fetch(session, whole(wanted.keySet()), wanted, names, entries);
            } catch (MeshException again) {
                again.addSuppressed(e);
                throw again;
            }
        }
    }

    private Outcome fetch(
            Session session,
            String path,
            Map<Section, Projection> wanted,
            NameFilter names,
            BiConsumer<Section, Entry> entries) {
        Outcome outcome = session.fetch(
                PodRequest.envoy(namespace, pod, path), body -> DumpReader.read(body, wanted, names, entries));
        return outcome.ofProxy();
    }

    private static String whole(Set<Section> sections) {
        return "/config_dump" + (sections.contains(Section.ENDPOINTS) ? "?include_eds" : "");
    }

    /** One section is asked for alone; of several the whole is as good. */
    private static String path(Set<Section> sections, @Nullable String expression) {
        String path = whole(sections);
        if (sections.size() == 1) {
            Section section = sections.iterator().next();
            path += (path.contains("?") ? "&" : "?") + "mask=" + section.mask();
            if (expression != null) {
                path += "&name_regex="
                        + URLEncoder.encode(expression, StandardCharsets.UTF_8).replace("+", "%20");
            }
        }
        return path;
    }

    /** Which proxy. */
    @Override
    public String toString() {
        return "proxy of " + namespace + "/" + pod;
    }
}
