package dev.meshdx.envoy.admin;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.meshdx.envoy.internal.Row;
import dev.meshdx.envoy.internal.StatsReader;
import dev.meshdx.error.MeshConfigurationException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.internal.Nearest;
import dev.meshdx.model.internal.TextTable;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The statistics of one proxy at one moment, by name, from Envoy's {@code /stats?format=json} or its text form.
 *
 * <p><strong>What is absent is not zero.</strong> Istio's proxies make only the statistics on a list of inclusion
 * ({@code cluster_manager}, {@code listener_manager}, {@code server}, {@code cluster.xds-grpc}, {@code rbac}… unless more is
 * asked for), and Envoy makes those of a cluster only when it is first used. {@link #absence} says what to set for more; the
 * counters of each host in {@code EnvoyProxy.endpoints()} are always there. Source: Istio, "Envoy Statistics".
 *
 * <p>Names may be given with or without the {@code ;} that recent versions of Istio put behind the name of a cluster or
 * listener: {@code cluster.outbound|80||HOST;.upstream_cx_total}. Immutable; safe for use by several threads.
 */
public final class Stats implements Iterable<Stat> {
    private final List<Stat> all;
    private final List<Inconclusive> gaps;
    private final String filters;
    private final boolean difference;
    private final Index index = new Index();

    private Stats(List<Stat> all, List<Inconclusive> gaps, String filters, boolean difference) {
        this.all = List.copyOf(all);
        this.gaps = List.copyOf(gaps);
        this.filters = filters;
        this.difference = difference;
    }

    /**
     * Reads a page of statistics, JSON or text, for example from a file. The stream stays open.
     *
     * @throws MeshProtocolException if it is something else
     * @throws IOException if the stream cannot be read
     */
    public static Stats parse(InputStream in) throws IOException {
        return parse(in, "");
    }

    /**
     * Reads those whose name an expression is found in; the others cost no memory.
     *
     * @param filter RE2; empty for all
     * @throws MeshConfigurationException if it is no regular expression
     * @throws MeshProtocolException if the document is no page of statistics
     * @throws IOException if the stream cannot be read
     */
    public static Stats parse(InputStream in, String filter) throws IOException {
        Pattern pattern = pattern(filter);
        List<Stat> found = new ArrayList<>();
        Inconclusive problem = StatsReader.read(
                in, name -> pattern == null || pattern.matcher(name).find(), new StatsReader.Sink() {
                    @Override
                    public void value(String name, Object value) {
                        found.add(new Stat(name, value));
                    }

                    @Override
                    public void histogram(
                            String name, List<Double> percentiles, List<Double> interval, List<Double> cumulative) {
                        found.add(new Stat(name, new StatHistogram(percentiles, interval, cumulative)));
                    }
                });
        return new Stats(
                found,
                problem == null ? List.of() : List.of(problem),
                filter.isEmpty() ? "" : " like " + filter,
                false);
    }

    /** Refuses what is no expression before anything is asked. */
    static @Nullable Pattern pattern(String filter) {
        try {
            return filter.isEmpty() ? null : Pattern.compile(filter);
        } catch (PatternSyntaxException e) {
            throw new MeshConfigurationException(
                    "\"" + filter + "\" is no regular expression: " + e.getDescription() + ".",
                    "Write it as RE2 does: the | of a cluster's name as \\|, for example outbound\\|9080\\|.",
                    e);
        }
    }

    /** All, in the proxy's order. */
    public List<Stat> all() {
        return all;
    }

    /** A stream over them. */
    public Stream<Stat> stream() {
        return all.stream();
    }

    @Override
    public Iterator<Stat> iterator() {
        return all.iterator();
    }

    /** How many there are. */
    public int size() {
        return all.size();
    }

    /** Whether there is none. */
    public boolean isEmpty() {
        return all.isEmpty();
    }

    /** What could not be read: the page was cut off, or holds more than memory should. */
    public List<Inconclusive> gaps() {
        return gaps;
    }

    /** The one with this whole name; empty where there is none, which does not mean zero: see {@link #absence}. */
    public Optional<Stat> find(String name) {
        return Optional.ofNullable(index.byName().get(plain(name)));
    }

    /** The number with this whole name; empty where there is none, which does not mean zero: see {@link #absence}. */
    public OptionalLong number(String name) {
        return find(name).map(Stat::number).orElse(OptionalLong.empty());
    }

    /** The histogram with this whole name. */
    public Optional<StatHistogram> histogram(String name) {
        return find(name).flatMap(Stat::histogram);
    }

    /** Names like this one, nearest first. */
    public List<String> nearest(String name) {
        Set<String> near = new LinkedHashSet<>(
                Nearest.to(name, all.stream().map(Stat::name).toList()));
        // The same statistic of another cluster is a better hint than none.
        String last = name.substring(name.lastIndexOf('.') + 1);
        for (Stat stat : all) {
            if (near.size() < 3 && !last.isEmpty() && stat.name().endsWith("." + last)) {
                near.add(stat.name());
            }
        }
        return List.copyOf(near);
    }

    /** Why there is nothing of this name, and what to set so that there is; empty where it is there. */
    public Optional<Inconclusive> absence(String name) {
        if (find(name).isPresent()) {
            return Optional.empty();
        }
        List<String> near = nearest(name);
        return Optional.of(Inconclusive.of(
                "statistic " + name,
                null,
                Reason.UNSUPPORTED,
                "The proxy has no statistic " + name
                        + ", which does not mean that it is zero: Istio's proxies make only those"
                        + " on their list of inclusion, and those of a cluster when it is first used."
                        + (near.isEmpty() ? "" : " Nearest: " + String.join(", ", near) + "."),
                inclusion(name)));
    }

    /** What has to stand on a pod for a statistic to be made. Source: Istio, "Envoy Statistics", {@code proxyStatsMatcher}. */
    private static String inclusion(String name) {
        String last = name.substring(name.lastIndexOf('.') + 1);
        return "Annotate the pod template, which makes new pods: proxy.istio.io/config: '{\"proxyStatsMatcher\":"
                + "{\"inclusionSuffixes\":[\"" + last + "\"]}}' (older: sidecar.istio.io/statsInclusionSuffixes: "
                + last
                + "). The counters of each host are in the proxy's endpoints without it.";
    }

    /** Those whose name begins so, as {@code listener_manager.}. */
    public Stats startingWith(String prefix) {
        String plain = plain(prefix);
        return narrow(" that begin with " + prefix, name -> plain(name).startsWith(plain));
    }

    /** Those of the cluster with this whole name, such as {@code outbound|80||web.production.svc.cluster.local}. */
    public Stats ofCluster(String cluster) {
        return scope("cluster", cluster);
    }

    /** Those of a listener, which Envoy names after its address: {@code 0.0.0.0_15006}, {@code 0.0.0.0:15006}. */
    public Stats ofListener(String address) {
        return scope("listener", address);
    }

    private Stats scope(String kind, String name) {
        // Envoy writes the colons of names as underscores. Source: Envoy, "Statistics", stats names.
        String start = kind + "." + name.replace(':', '_');
        return narrow(
                " of " + kind + " " + name,
                // Where no semicolon ends the name, one that is longer cannot be told from this one.
                full -> full.startsWith(start + ";.") || (full.indexOf(';') < 0 && full.startsWith(start + ".")));
    }

    private Stats narrow(String filter, Predicate<String> condition) {
        return new Stats(
                all.stream().filter(stat -> condition.test(stat.name())).toList(), gaps, filters + filter, difference);
    }

    /**
     * What changed between an earlier reading of the same proxy and this one: the numbers, each as what it grew by, and the
     * texts that are new. One that was absent before counts from zero, because Envoy makes many only when they are first
     * written. Histograms are left out: Envoy's percentiles cannot be subtracted.
     *
     * <p>Where the proxy was started anew in between, what it counts began anew too: {@link #gaps()} says so.
     */
    public Stats since(Stats before) {
        List<Stat> grown = new ArrayList<>();
        for (Stat stat : all) {
            Optional<Stat> old = before.find(stat.name());
            OptionalLong now = stat.number();
            if (now.isPresent()) {
                long was = old.map(Stat::number).orElse(OptionalLong.empty()).orElse(0);
                grown.add(new Stat(stat.name(), now.getAsLong() - was));
            } else if (stat.histogram().isEmpty() && !stat.text().equals(old.flatMap(Stat::text))) {
                grown.add(stat);
            }
        }
        List<Inconclusive> trouble = new ArrayList<>(before.gaps);
        gaps.stream().filter(gap -> !trouble.contains(gap)).forEach(trouble::add);
        OptionalLong uptime = number("server.uptime");
        OptionalLong earlier = before.number("server.uptime");
        if (uptime.isPresent() && earlier.isPresent() && uptime.getAsLong() < earlier.getAsLong()) {
            trouble.add(Inconclusive.of(
                    "difference of statistics",
                    null,
                    Reason.UNSUPPORTED,
                    "The proxy was started anew between the two readings (server.uptime fell from "
                            + earlier.getAsLong() + " s to " + uptime.getAsLong() + " s): its counters began at zero.",
                    "Take both readings again."));
        }
        return new Stats(grown, trouble, filters, true);
    }

    /** Those that are not zero; of a difference, those that changed. Histograms without a value are left out too. */
    public Stats nonZero() {
        return new Stats(all.stream().filter(Stats::isNotZero).toList(), gaps, filters, difference);
    }

    private static boolean isNotZero(Stat stat) {
        return stat.number().orElse(1) != 0
                && stat.histogram().map(histogram -> !histogram.isEmpty()).orElse(true);
    }

    /** One map a row: {@code name}, {@code value}. */
    public List<Map<String, String>> rows() {
        return all.stream()
                .map(stat -> Row.of("name", stat.name(), "value", stat.shown()))
                .toList();
    }

    /** As many as fit on a screen, those that are not zero; where there is none, that this is not zero. */
    @Override
    public String toString() {
        if (all.isEmpty()) {
            return "no statistics" + filters
                    + (gaps.isEmpty()
                            ? ", which does not mean zero: Istio's proxies make only those on their list of inclusion"
                            : " (" + gaps.get(0).message() + ")");
        }
        List<Stat> shown = nonZero().all;
        TextTable table = new TextTable("STATISTIC", difference ? "GREW BY" : "VALUE");
        shown.forEach(stat -> table.row(stat.name(), stat.shown()));
        return table.summary(
                shown.isEmpty() ? all.size() + " statistics" + filters + ", all of them zero" : "", "statistics");
    }

    /** The name without the semicolons that separate the name of a cluster from what is counted. */
    private static String plain(String name) {
        return name.indexOf(';') < 0 ? name : name.replace(";.", ".");
    }

    /** Made when the first name is looked up. */
    private final class Index {
        private volatile @Nullable Map<String, Stat> byName;

        Map<String, Stat> byName() {
            Map<String, Stat> map = byName;
            if (map == null) {
                Map<String, Stat> made = new LinkedHashMap<>();
                all.forEach(stat -> made.putIfAbsent(plain(stat.name()), stat));
                map = Collections.unmodifiableMap(made);
                byName = map;
            }
            return map;
        }
    }
}
