package dev.meshdx.health;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.annotation.Internal;
import dev.meshdx.envoy.diff.ConfigDiff;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.internal.TextTable;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whether the proxies are in sync with the control plane: what every istiod of every revision says about the proxies that are
 * connected to it, as {@code istioctl proxy-status} shows it. One pod on two istiods (it has just moved) is listed once, as the
 * istiod says that sent it something last. Immutable; safe for use by several threads.
 */
@CheckReturnValue
public final class ProxyStatuses implements Iterable<ProxyStatus> {
    private final List<ProxyStatus> all;
    private final List<Finding> findings;
    private final List<Inconclusive> inconclusive;
    private final @Nullable Supplier<ConfigDiff> diff;

    private ProxyStatuses(
            List<ProxyStatus> all,
            List<Finding> findings,
            List<Inconclusive> inconclusive,
            @Nullable Supplier<ConfigDiff> diff) {
        this.diff = diff;
        this.all = all.stream().sorted().toList();
        this.findings = findings.stream().sorted().distinct().toList();
        this.inconclusive = inconclusive.stream().sorted().distinct().toList();
    }

    /** Made by the reader. */
    @Internal
    public static ProxyStatuses of(List<ProxyStatus> all, List<Finding> findings, List<Inconclusive> inconclusive) {
        return new ProxyStatuses(all, findings, inconclusive, null);
    }

    /** With the way to what the one proxy should have. */
    @Internal
    public ProxyStatuses with(Supplier<ConfigDiff> diff) {
        return new ProxyStatuses(all, findings, inconclusive, diff);
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
        List<ProxyStatus> kept =
                all.stream().filter(proxy -> proxy.revision().equals(revision)).toList();
        return new ProxyStatuses(
                kept,
                findings.stream()
                        .filter(finding -> all.stream()
                                .filter(proxy -> !kept.contains(proxy))
                                .noneMatch(proxy -> finding.subject().kind().equals("Pod")
                                        && finding.subject().namespace().equals(proxy.namespace())
                                        && finding.subject().name().equals(proxy.pod())))
                        .toList(),
                inconclusive,
                diff);
    }

    /** The proxies with a type that is stale or refused. */
    public List<ProxyStatus> notSynced() {
        return all.stream().filter(proxy -> !proxy.isSynced()).toList();
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

    /** A table; proxies that are not in sync come first. */
    @Override
    public String toString() {
        List<ProxyStatus> notSynced = notSynced();
        String title = all.size() + (all.size() == 1 ? " proxy, " : " proxies, ") + (all.size() - notSynced.size())
                + " in sync" + (inconclusive.isEmpty() ? "" : ", " + inconclusive.size() + " not seen");
        TextTable table = new TextTable("PROXY", "CDS", "LDS", "EDS", "RDS", "ISTIOD");
        Stream.concat(notSynced.stream(), all.stream().filter(ProxyStatus::isSynced))
                .forEach(proxy -> table.row(
                        proxy.pod() + "." + proxy.namespace(),
                        proxy.type(XdsType.CDS).state().toString(),
                        proxy.type(XdsType.LDS).state().toString(),
                        proxy.type(XdsType.EDS).state().toString(),
                        proxy.type(XdsType.RDS).state().toString(),
                        proxy.istiod()));
        return table.summary(title, "proxies");
    }
}
