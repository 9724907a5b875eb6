package dev.meshdx.traffic.internal.checks;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A check that looks at one proxy at a time and concludes from what it saw at all of them. So a step need not hold the dumps
 * of a whole mesh at once.
 *
 * @param <S> what it saw; holds on to neither the proxy nor its dump
 */
abstract class ProxyCheck<S> implements Check<TrafficModel> {
    /** What is to be told of a proxy; usually nothing. */
    abstract List<S> look(TrafficModel.Proxy proxy, Instant now);

    /** Tells it, in the order of the proxies. */
    abstract void conclude(List<S> seen, Consumer<Finding> report);

    @Override
    public final void run(TrafficModel model, Consumer<Finding> report) {
        List<S> seen = new ArrayList<>();
        for (TrafficModel.Proxy proxy : model.proxies()) {
            seen.addAll(look(proxy, model.now()));
        }
        conclude(seen, report);
    }

    /** This check's part of what all checks saw. */
    @SuppressWarnings("unchecked")
    final void conclude(ProxyLook.Seen seen, Consumer<Finding> report) {
        conclude((List<S>) seen.of(this), report);
    }
}
