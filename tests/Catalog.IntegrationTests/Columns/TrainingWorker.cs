using System.Diagnostics;
using System.Globalization;
using Apache.Arrow;
using Catalog.Sdk;
using Catalog.Training;

namespace Catalog.IntegrationTests.Columns;

/// <summary>
/// This program, started again as one worker of a training: it reads its shard batch by batch, and after each says the token and which
/// rows it has trained on. A test can kill it as <c>kill -9</c> does.
/// </summary>
internal sealed class TrainingWorker : IDisposable
{
    public const string Argument = "run-training-worker";
    private readonly Process _process;

    private TrainingWorker(Process process) => _process = process;

    public static TrainingWorker Start(Uri address, string key, NodeId version, int shard, int shards)
    {
        var program = Path.ChangeExtension(typeof(TrainingWorker).Assembly.Location, OperatingSystem.IsWindows() ? ".exe" : null);
        string[] arguments =
            [Argument, address.ToString(), key, version.ToString(), $"{shard}", $"{shards}"];
        return new TrainingWorker(Process.Start(new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        }) ?? throw new InvalidOperationException("No process was started."));
    }

    /// <summary>Waits until a batch was trained on.</summary>
    public async Task<(ReadToken? Token, IReadOnlyList<long> Rows)> BatchAsync()
    {
        var words = (await _process.StandardOutput.ReadLineAsync() ?? "").Split(' ');
        return (ReadToken.TryParse(words[0]), [.. words.Skip(1).Select(w => long.Parse(w, CultureInfo.InvariantCulture))]);
    }

    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    public static TrainingQuery Query(int shard, int shards) =>
        new() { Columns = ["flight"], Seed = 11, Epoch = 1, Shard = shard, Shards = shards, BatchRows = 500 };

    /// <summary>The other side.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        using var catalog = new CatalogClient(new Uri(args[0]), args[1]);
        var version = await catalog.Datasets.ReadAsync(NodeId.Parse(args[2]));
        var query = Query(int.Parse(args[3], CultureInfo.InvariantCulture), int.Parse(args[4], CultureInfo.InvariantCulture));
        await using var read = await version.OpenTrainingReadAsync(query);
        await foreach (var batch in read.BatchesAsync())
        {
            using (batch)
                await Console.Out.WriteLineAsync($"{read.Token} {string.Join(' ', ((Int64Array)batch.Column(0)).Values.ToArray())}");
        }

        return 0;
    }
}
