package dev.meshdx.health;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.annotation.Internal;
import dev.meshdx.envoy.diff.ConfigDiff;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.TextTable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whether the proxies are in sync with the control plane: what every istiod of every revision says about the proxies that are
 * connected to it, as {@code istioctl proxy-status} shows it, compared with the pods that there are. One pod on two istiods (it
 * has moved, or one connection is dead) is listed once, as the istiod says that sent it something last, and names the other
 * ({@link ProxyStatus#alsoOn()}). Immutable; safe for use by several threads.
 *
 * <p>Where an istiod could not be asked, the pods that may be connected to it are listed too, without any state ({@link
 * #seenFrom()}, {@link ProxyStatus#seenByIstiod()}).
 */
@CheckReturnValue
public final class ProxyStatuses implements Iterable<ProxyStatus> {
    /** So many istiods are named in a title. */
    private static final int NAMED = 4;

    private static final Comparator<ProxyStatus> WORST_FIRST = Comparator.comparing(ProxyStatuses::rank);

    private final List<ProxyStatus> all;
    private final List<Finding> findings;
    private final List<Inconclusive> inconclusive;
    private final Facts facts;
    private final @Nullable Supplier<ConfigDiff> diff;

    /** Who could be asked. */
    public enum SeenFrom {
        /** All istiods told what is connected to them. */
        ISTIODS,
        /** Some did; what is connected to the others is told by the pods alone. */
        SOME_ISTIODS,
        /**
         * No istiod could be asked: there is none in this cluster, none answers, or the permission for port-forwarding is missing.
         * What is listed are pods with a proxy, their revision, and the version that their image names.
         */
        PODS
    }

    /**
     * What the reader found out beside the states.
     *
     * @param seenFrom who could be asked
     * @param orphans connected and without a pod
     * @param notConnected pods whose proxy no istiod knows
     * @param onOtherRevision connected to another revision than their labels ask for
     * @param at the time at which ages are told; null for no ages
     */
    @Internal
    public record Facts(
            SeenFrom seenFrom,
            List<ProxyStatus> orphans,
            List<ResourceRef> notConnected,
            List<ProxyStatus> onOtherRevision,
            @Nullable Instant at) {
        /** Copies the lists. */
        public Facts {
            orphans = orphans.stream().sorted().toList();
            notConnected = notConnected.stream().sorted().toList();
            onOtherRevision = onOtherRevision.stream().sorted().toList();
        }
    }

    private ProxyStatuses(
            List<ProxyStatus> all,
            List<Finding> findings,
            List<Inconclusive> inconclusive,
            Facts facts,
            @Nullable Supplier<ConfigDiff> diff) {
        this.diff = diff;
        this.facts = facts;
        this.all = all.stream().sorted().toList();
        this.findings = findings.stream().sorted().distinct().toList();
        this.inconclusive = inconclusive.stream().sorted().distinct().toList();
    }

    /** Made by the reader. */
    @Internal
    public static ProxyStatuses of(List<ProxyStatus> all, List<Finding> findings, List<Inconclusive> inconclusive) {
        return of(all, findings, inconclusive, new Facts(SeenFrom.ISTIODS, List.of(), List.of(), List.of(), null));
    }

    /** Made by the reader. */
    @Internal
    public static ProxyStatuses of(
            List<ProxyStatus> all, List<Finding> findings, List<Inconclusive> inconclusive, Facts facts) {
        return new ProxyStatuses(all, findings, inconclusive, facts, null);
    }

    /** With the way to what the one proxy should have. */
    @Internal
    public ProxyStatuses with(Supplier<ConfigDiff> diff) {
        return new ProxyStatuses(all, findings, inconclusive, facts, diff);
    }

    /**
     * What istiod would send to the proxy, against what the proxy has; for the answer about a single pod. Asks now, anew each
     * time: every istiod for its proxies, the one that the proxy is connected to for its {@code /debug/config_dump} (the others
     * only where that one does not know it), and the proxy for its configuration.
     *
     * <p>What {@link ConfigDiff#before()} ({@code istiod}) has alone is not there yet: just pushed, refused, or the proxy is
     * stale. What {@link ConfigDiff#after()} ({@code proxy}) has alone is to go. The proxy's bootstrap, its static resources and
     * the certificates that its agent makes are not in istiod's answer and are not compared; endpoints are, where the istiod
     * tells them. What cannot be read is in {@link ConfigDiff#inconclusive()}, and a section that could not be compared is not in
     * {@link ConfigDiff#compared()}.
     *
     * <p>Source: Istio, {@code pilot/pkg/xds/debug.go}, ConfigDump.
     *
     * @throws MeshUnsupportedException if this is not the answer about one pod
     * @throws dev.meshdx.error.MeshException if nothing at all can be read
     */
    public ConfigDiff diff() {
        if (diff == null) {
            throw new MeshUnsupportedException(
                    Reason.UNSUPPORTED,
                    "diff() compares one proxy with what istiod would send it; this is the answer about more than one.",
                    "Ask for one pod: mesh.namespace(NAMESPACE).pod(POD).proxyStatus().diff()");
        }
        return diff.get();
    }

    /** All proxies, by namespace and pod. */
    public List<ProxyStatus> all() {
        return all;
    }

    /** The proxy of a pod; empty where no istiod that answered knows it. */
    public Optional<ProxyStatus> of(String namespace, String pod) {
        return all.stream()
                .filter(proxy ->
                        proxy.namespace().equals(namespace) && proxy.pod().equals(pod))
                .findFirst();
    }

    /** Only what concerns the proxies of one revision of the control plane. */
    public ProxyStatuses ofRevision(String revision) {
        List<ProxyStatus> kept = new ArrayList<>();
        Set<ResourceRef> others = new HashSet<>();
        for (ProxyStatus proxy : all) {
            if (proxy.revision().equals(revision)) {
                kept.add(proxy);
            } else {
                others.add(proxy.podRef());
            }
        }
        return new ProxyStatuses(
                kept,
                findings.stream()
                        .filter(finding -> !others.contains(finding.subject()))
                        .toList(),
                inconclusive,
                new Facts(
                        facts.seenFrom(),
                        ofRevision(facts.orphans(), revision),
                        facts.notConnected(),
                        ofRevision(facts.onOtherRevision(), revision),
                        facts.at()),
                diff);
    }

    private static List<ProxyStatus> ofRevision(List<ProxyStatus> proxies, String revision) {
        return proxies.stream()
                .filter(proxy -> proxy.revision().equals(revision))
                .toList();
    }

    /** The proxies with a type that is stale or refused. */
    public List<ProxyStatus> notSynced() {
        return all.stream()
                .filter(proxy -> proxy.has(SyncState.STALE) || proxy.has(SyncState.ERROR))
                .toList();
    }

    /** Who could be asked. */
    public SeenFrom seenFrom() {
        return facts.seenFrom();
    }

    /**
     * The proxies of this cluster that are connected and have no pod: the pod is gone and istiod has not noticed, or something
     * else uses its name. Proxies of other clusters are none, nor are those of namespaces with workloads outside the cluster
     * (WorkloadEntry, WorkloadGroup). Empty where the pods could not be read.
     */
    public List<ProxyStatus> orphans() {
        return facts.orphans();
    }

    /**
     * The running pods with a proxy (sidecar, gateway, waypoint, ztunnel) that no istiod knows, and none that did not answer can
     * know: what {@code istioctl proxy-status} cannot show. Includes those that have just started, of which no finding is made.
     */
    public List<ResourceRef> notConnected() {
        return facts.notConnected();
    }

    /** The proxies of which more than one connection is known. */
    public List<ProxyStatus> onSeveralIstiods() {
        return all.stream().filter(proxy -> !proxy.alsoOn().isEmpty()).toList();
    }

    /**
     * The proxies that are connected to an istiod of another revision than their pod's or their namespace's labels ask for, tags
     * resolved. During an upgrade by revisions these are the pods that were not restarted yet.
     */
    public List<ProxyStatus> onOtherRevision() {
        return facts.onOtherRevision();
    }

    /** How many proxies are connected to each istiod, by the istiod's name. */
    public SortedMap<String, Integer> connected() {
        SortedMap<String, Integer> connected = new TreeMap<>();
        for (ProxyStatus proxy : all) {
            if (proxy.seenByIstiod()) {
                connected.merge(proxy.istiod(), 1, Integer::sum);
            }
        }
        return Collections.unmodifiableSortedMap(connected);
    }

    /** What is wrong, worst first. */
    public List<Finding> findings() {
        return findings;
    }

    /** What could not be seen: an istiod that does not answer hides the proxies that are connected to it. */
    public List<Inconclusive> inconclusive() {
        return inconclusive;
    }

    /** How many proxies. */
    public int size() {
        return all.size();
    }

    /** All proxies. */
    public Stream<ProxyStatus> stream() {
        return all.stream();
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return all.isEmpty();
    }

    @Override
    public Iterator<ProxyStatus> iterator() {
        return all.iterator();
    }

    /** The whole table; proxies that are not in sync come first. */
    @Internal
    public String table() {
        return all.isEmpty() ? "" : rows(all.size()).whole();
    }

    /** One line: how many are in sync, and how many are connected to each istiod. */
    @Internal
    public String title() {
        if (seenFrom() == SeenFrom.PODS) {
            return count(all.size())
                    + ", as their pods show them: no istiod could be asked, so whether they are in sync is unknown";
        }
        StringBuilder title = new StringBuilder(count(all.size()));
        title.append(", ")
                .append(all.stream().filter(ProxyStatus::isSynced).count())
                .append(" in sync");
        long unknown = all.stream().filter(proxy -> !proxy.seenByIstiod()).count();
        if (unknown > 0) {
            title.append(", ").append(unknown).append(" unknown");
        }
        if (!notConnected().isEmpty()) {
            title.append(", ").append(notConnected().size()).append(" more not connected");
        }
        SortedMap<String, Integer> connected = connected();
        String separator = "; connected: ";
        int named = 0;
        for (Map.Entry<String, Integer> istiod : connected.entrySet()) {
            if (named++ == NAMED) {
                title.append(" and ").append(connected.size() - NAMED).append(" istiods more");
                break;
            }
            title.append(separator).append(istiod.getKey()).append(' ').append(istiod.getValue());
            separator = ", ";
        }
        if (!inconclusive.isEmpty()) {
            title.append("; ").append(inconclusive.size()).append(" not seen");
        }
        return title.toString();
    }

    private static String count(int proxies) {
        return proxies == 1 ? "1 proxy" : proxies + " proxies";
    }

    /** A table; proxies that are not in sync come first. */
    @Override
    public String toString() {
        return all.isEmpty() ? title() : rows(40).summary(title(), "proxies");
    }

    /** Refused, stale, unknown, and then those that work. */
    private static int rank(ProxyStatus proxy) {
        return proxy.has(SyncState.ERROR)
                ? 0
                : proxy.has(SyncState.STALE)
                        ? 1
                        : proxy.seenByIstiod() ? proxy.alsoOn().isEmpty() ? 4 : 3 : 2;
    }

    private TextTable rows(int most) {
        List<ProxyStatus> order = new ArrayList<>(all);
        order.sort(WORST_FIRST);
        boolean others = order.stream().anyMatch(proxy -> !others(proxy).isEmpty());
        List<String> header = new ArrayList<>(List.of("PROXY", "TYPE", "CDS", "LDS", "EDS", "RDS"));
        if (others) {
            header.add("OTHER");
        }
        header.addAll(List.of("ISTIOD", "VERSION"));
        TextTable table = new TextTable(header);
        int rows = 0;
        for (ProxyStatus proxy : order) {
            List<String> row = new ArrayList<>();
            row.add(proxy.namespace().isEmpty() ? proxy.pod() : proxy.pod() + "." + proxy.namespace());
            row.add(proxy.proxyType().isEmpty() ? "-" : proxy.proxyType());
            for (XdsType type : XdsType.core().subList(0, 4)) {
                row.add(rows < most ? cell(proxy.type(type)) : "");
            }
            if (others) {
                row.add(rows < most ? others(proxy) : "");
            }
            row.add(
                    proxy.istiod().isEmpty()
                            ? "-"
                            : proxy.alsoOn().isEmpty()
                                    ? proxy.istiod()
                                    : proxy.istiod() + " (also " + String.join(", ", proxy.alsoOn()) + ")");
            row.add(proxy.version().isEmpty() ? "-" : proxy.version());
            table.row(row);
            rows++;
        }
        return table;
    }

    private String cell(TypeStatus status) {
        Instant at = facts.at();
        boolean aged = status.state() == SyncState.STALE || status.state() == SyncState.ERROR;
        return status.state()
                + (aged && at != null
                        ? status.since()
                                .map(since -> Duration.between(since, at))
                                .filter(age -> !age.isNegative())
                                .map(age -> " " + age(age))
                                .orElse("")
                        : "");
    }

    /** As Kubernetes writes ages: the biggest unit that says something. */
    private static String age(Duration age) {
        if (age.toMinutes() < 2) {
            return age.toSeconds() + "s";
        }
        if (age.toHours() < 2) {
            return age.toMinutes() + "m";
        }
        return age.toDays() < 2 ? age.toHours() + "h" : age.toDays() + "d";
    }

    /** The types beyond the four of every table, by state: {@code SYNCED (WDS, WADS)}. */
    private String others(ProxyStatus proxy) {
        Map<String, List<String>> byState = new LinkedHashMap<>();
        proxy.types().forEach((type, status) -> {
            boolean column = XdsType.core().subList(0, 4).contains(type);
            if (!column && status.state() != SyncState.IGNORED && status.state() != SyncState.UNKNOWN) {
                byState.computeIfAbsent(cell(status), any -> new ArrayList<>()).add(type.toString());
            }
        });
        List<String> texts = new ArrayList<>();
        byState.forEach((state, types) -> texts.add(state + " (" + String.join(", ", types) + ")"));
        return String.join(", ", texts);
    }
}
