using System.Diagnostics;
using System.Globalization;

namespace Catalog.Benchmarks;

/// <summary><c>merge_asof</c> of pandas over the same tables, handed over as plain columns; only the merges are timed.</summary>
internal static class MergeAsof
{
    private const string Script =
        """
        import sys, time
        import numpy, pandas
        def load(stem, with_value):
            frame = {'key': numpy.fromfile(stem + '.key', dtype='int64'), 'ts': numpy.fromfile(stem + '.ts', dtype='int64')}
            if with_value: frame['value'] = numpy.fromfile(stem + '.value', dtype='float64')
            frame = pandas.DataFrame(frame)
            frame['ts'] = pandas.to_datetime(frame['ts'], unit='us')
            return frame.sort_values('ts', kind='stable').reset_index(drop=True)
        rows = load(sys.argv[1], False)
        views = [load(stem, True) for stem in sys.argv[2:]]
        start = time.perf_counter()
        for i, view in enumerate(views):
            rows = pandas.merge_asof(rows, view.rename(columns={'value': f'value{i}'}), on='ts', by='key')
        seconds = time.perf_counter() - start
        values = rows[[f'value{i}' for i in range(len(views))]]
        print(seconds, len(rows), int(values.notna().sum().sum()), float(values.sum().sum()))
        """;

    // Where Debian puts what it packages, if another is in front of it.
    private static readonly string Python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

    public static bool IsHere { get; } = Run("-c", "import pandas") is not null;

    public static async Task<Answer> RunAsync(string table, IReadOnlyList<string> files)
    {
        var stems = new List<string>();
        foreach (var file in files.Prepend(table))
            stems.Add(await ColumnFiles.WriteAsync(file));
        var printed = Run(["-c", Script, .. stems]) ?? throw new InvalidOperationException("pandas did not answer.");
        var numbers = printed.Split(' ').Select(n => double.Parse(n, CultureInfo.InvariantCulture)).ToArray();
        return new(numbers[0], numbers[0], (long)numbers[1], (long)numbers[2], numbers[3]);
    }

    private static string? Run(params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo(Python) { RedirectStandardOutput = true, UseShellExecute = false };
            foreach (var argument in arguments)
                start.ArgumentList.Add(argument);
            using var python = Process.Start(start);
            if (python is null)
                return null;
            var output = python.StandardOutput.ReadToEnd();
            python.WaitForExit();
            return python.ExitCode == 0 ? output.Trim() : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
