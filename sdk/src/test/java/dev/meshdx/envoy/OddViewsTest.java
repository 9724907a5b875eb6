package dev.meshdx.envoy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.meshdx.model.Json;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Every value of a dump in turn is replaced by odd ones, and everything that the views offer is asked. */
class OddViewsTest {
    private long asked;

    @Test
    void should_answer_whatever_stands_in_a_field() {
        for (String name : List.of("lab", "tree")) {
            for (Json changed : OddValues.in(Views.listener(name).raw())) {
                check(() -> ask(Views.listener(changed), 0), changed);
            }
        }
        Json routes = Views.dump().routes().first().orElseThrow().raw();
        for (Json changed : OddValues.in(routes)) {
            check(() -> ask(Views.routes(changed), 0), changed);
        }
        assertThat(asked).isGreaterThan(100_000);
    }

    private static void check(ThrowingCallable question, Json changed) {
        assertThatCode(question).as("%s", changed).doesNotThrowAnyException();
    }

    private void ask(Object view, int depth) throws ReflectiveOperationException {
        if (view instanceof Optional<?> optional) {
            if (optional.isPresent()) {
                ask(optional.get(), depth);
            }
        } else if (view instanceof Collection<?> collection) {
            for (Object item : collection) {
                ask(item, depth);
            }
        } else if (depth > 0 && view instanceof RouteConfiguration) {
            // Of a listener: has a turn of its own.
            return;
        } else if (depth < 12 && view.getClass().getPackage() == Listener.class.getPackage()) {
            for (Method method : view.getClass().getMethods()) {
                if (method.getParameterCount() == 0
                        // By another way they are asked as well.
                        && !(view instanceof NetworkFilter && method.getReturnType() == Optional.class)
                        && !method.getName().equals("filterChains")
                        && !Modifier.isStatic(method.getModifiers())
                        && method.getDeclaringClass().getPackage() == Listener.class.getPackage()
                        && !(view instanceof Enum)) {
                    method.setAccessible(true);
                    asked++;
                    try {
                        ask(method.invoke(view), depth + 1);
                    } catch (InvocationTargetException e) {
                        throw new AssertionError(method.toString(), e.getCause());
                    }
                }
            }
        }
    }
}
