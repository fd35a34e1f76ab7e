// SPDX-License-Identifier: GPL-2.0

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Makes garbage in four threads for some seconds, and checks that the objects it keeps have not changed. */
public class Churn {
	private static final int KEPT = 20000;

	public static void main(String[] arguments) throws InterruptedException {
		long end = System.nanoTime() + Long.parseLong(arguments[0]) * 1_000_000_000L;
		AtomicLong objects = new AtomicLong();
		Thread[] threads = new Thread[4];
		for (int number = 0; number < threads.length; number++) {
			int seed = number;
			threads[number] = new Thread(() -> churn(seed, end, objects));
			threads[number].setUncaughtExceptionHandler((thread, problem) -> {
				problem.printStackTrace();
				System.exit(1);
			});
			threads[number].start();
		}
		for (Thread thread : threads) {
			thread.join();
		}
		System.out.println(objects.get() / 1000 + " thousand objects");
	}

	private static void churn(int seed, long end, AtomicLong objects) {
		Map<Integer, String> kept = new HashMap<>();
		for (int round = 0; System.nanoTime() < end; round++) {
			for (int number = 0; number < KEPT; number++) {
				String before = kept.put(number, word(seed, round, number));
				if (round > 0 && !before.equals(word(seed, round - 1, number))) {
					throw new IllegalStateException(before + " in round " + round);
				}
			}
			objects.addAndGet(KEPT);
		}
	}

	private static String word(int seed, int round, int number) {
		return seed + "." + round + "." + number;
	}
}
