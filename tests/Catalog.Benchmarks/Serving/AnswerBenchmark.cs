using System.Diagnostics;
using System.Globalization;
using System.Text;
using Catalog.Access;
using Catalog.Hot;
using Catalog.Server.Doors.Feast;
using Catalog.Server.Doors.Lookup;
using Catalog.Server.Doors.Online;
using Catalog.Serving;
using Catalog.Storage.Hot;
using Microsoft.Extensions.Logging.Abstractions;

namespace Catalog.Benchmarks.Serving;

/// <summary>
/// From a request's bytes to the bytes of its answer, in this process and on one thread: 100 random rows of 50 floats. What is left of a
/// request is the transport.
/// </summary>
internal static class AnswerBenchmark
{
    private const int Rows = 1_000_000;
    private const int KeysAtOnce = 100;
    private const int Rounds = 7;
    private const int Samples = 10_000;
    private static readonly FloatTable s_table = new(50);

    public static int Run()
    {
        var folder = Directory.CreateTempSubdirectory("catalog-answer-bench-").FullName;
        try
        {
            Measure(Plan(Build(folder)));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Generation Build(string folder)
    {
        using var builder = new GenerationBuilder(s_table.View, new() { Folder = folder });
        var batches = s_table.Batches(Rows);
        var source = RowSource.OfEvents(batches[0].Schema, s_table.View, "the benchmark");
        foreach (var batch in batches)
            builder.Add(source, batch, origin: 0, long.MaxValue);
        return Generation.Open(
            builder.Finish(Path.Combine(folder, "built.gen"), s_table.Header, CancellationToken.None).Path, sha256: null);
    }

    private static ReadPlan Plan(Generation generation)
    {
        var view = new HotView(
            s_table.Header.View, s_table.View, [], Active: null, generation, new Overlay(generation.Layout, laterWinsTies: true))
        {
            Header = generation.Header,
        };
        var state = new ServedState([view], [], 0, DateTimeOffset.UnixEpoch);
        var plan = ReadPlan.Of(state, [.. s_table.View.Features.Select(f => new FeatureRef(view.Node, f.Name))]);
        return plan.Succeeded ? plan.Value : throw new InvalidOperationException(plan.Problem.Detail);
    }

    private static void Measure(ReadPlan plan)
    {
        (string Name, Answerer Answerer)[] ways =
        [
            ("compact, no gate", new CompactAnswers(plan, receipt: false)),
            ("compact", new CompactAnswers(plan, receipt: false) { Gate = GateOfReader() }),
            ("compact, receipts", new CompactAnswers(plan, receipt: true) { Gate = GateOfReader() }),
            ("Feast JSON", new FeastAnswers(plan) { Gate = GateOfReader() }),
        ];
        var runs = ways.ToDictionary(w => w.Name, _ => new List<Timing>(), StringComparer.Ordinal);
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var (name, way) in ways)
                runs[name].Add(RunOf(way));
        }

        foreach (var (name, way) in ways)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-20} p50 {Median(runs[name], r => r.P50),7:0.0} us  p99 {Median(runs[name], r => r.P99),7:0.0} us  "
                + $"{way.Bytes:N0} bytes  allocated {runs[name][^1].Allocated} B"));
        }
    }

    private static Gate GateOfReader()
    {
        var caller = new Caller();
        caller.Become(new("reader", KeyId: null, Role.Reader, Purpose.Inference, Correlation: null, Causation: null));
        return new(caller, new StandingPolicies(), decisions: null, TimeProvider.System, NullLogger<Gate>.Instance);
    }

    private static double Median(IEnumerable<Timing> runs, Func<Timing, double> of)
    {
        double[] sorted = [.. runs.Select(of).Order()];
        return sorted[sorted.Length / 2];
    }

    private static Timing RunOf(Answerer way)
    {
        for (var i = 0; i < 500; i++)
            way.Answer();
        var took = new double[Samples];
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Samples; i++)
        {
            var began = Stopwatch.GetTimestamp();
            way.Answer();
            took[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        }

        var allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / Samples;
        Array.Sort(took);
        return new(took[Samples / 2], took[Samples * 99 / 100], allocated);
    }

    /// <param name="P50">Microseconds that half the answers took less than.</param>
    /// <param name="P99">The same of all but a hundredth.</param>
    /// <param name="Allocated">Bytes for each answer.</param>
    private sealed record Timing(double P50, double P99, long Allocated);

    /// <summary>Answers one of a hundred requests after the other, as doors do between the transport and the gate.</summary>
    private abstract class Answerer
    {
        private readonly ReadPlan _plan;
        private readonly long[][] _keys;
        private byte[][]? _requests;
        private readonly Stack<OnlineRead> _pool = new();
        private int _next;

        protected Answerer(ReadPlan plan)
        {
            _plan = plan;
            var random = new Random(1);
            _keys = [.. Enumerable.Range(0, 100).Select(_ => KeysOf(random))];
        }

        public int Bytes { get; private set; }

        /// <summary>Asked as a door asks it; null to leave that out.</summary>
        public Gate? Gate { get; init; }

        protected abstract KeyColumns Keys { get; }

        public void Answer()
        {
            _requests ??= [.. _keys.Select(Request)];
            var request = _requests[_next++ % _requests.Length];
            var asked = _plan.Views[0].View;
            if (Gate?.AskOften(Act.ReadData, asked.Node, asked.Tags).Refusal is { } no)
                throw new InvalidOperationException(no.Detail);
            using var read = _pool.TryPop(out var pooled) ? pooled : new OnlineRead(_pool.Push);
            read.Begin(_plan, now: 0);
            Read(request);
            Keys.Fill(read);
            var view = _plan.Views[0].View;
            view.Local?.Find(read.KeysOf(0), read.RoomFor(0));
            using var answer = AnswerBuffer.Take();
            Write(answer, read);
            Bytes = answer.Length;
        }

        private static long[] KeysOf(Random random) => [.. Enumerable.Range(0, KeysAtOnce).Select(_ => (long)random.Next(Rows))];

        protected abstract byte[] Request(long[] keys);

        protected abstract void Read(byte[] request);

        protected abstract void Write(AnswerBuffer to, OnlineRead read);
    }

    private sealed class CompactAnswers(ReadPlan plan, bool receipt) : Answerer(plan)
    {
        private readonly LookupPlan _plan = LookupPlan.Of(plan);

        protected override KeyColumns Keys { get; } = new();

        protected override byte[] Request(long[] keys) => LookupCaller.Request(keys, _plan.SchemaId, receipt);

        protected override void Read(byte[] request)
        {
            LookupRequest.Of(request);
            LookupRequest.ReadKeys(request, _plan, Keys);
        }

        protected override void Write(AnswerBuffer to, OnlineRead read) => LookupAnswer.Write(to, _plan, read, _plan.SchemaId, receipt);
    }

    private sealed class FeastAnswers(ReadPlan plan) : Answerer(plan)
    {
        private readonly FeastPlan _plan = FeastPlan.Of(plan, fullNames: false);
        private readonly FeastCall _call = FeastCall.Take();

        protected override KeyColumns Keys => _call.Keys;

        protected override byte[] Request(long[] keys) => Encoding.UTF8.GetBytes(
            $$$"""{"feature_service":"bench/service","entities":{"id":[{{{string.Join(',', keys)}}}]}}""");

        protected override void Read(byte[] request)
        {
            _call.Body.Find(request);
            _call.ReadKeys(request, _plan);
        }

        protected override void Write(AnswerBuffer to, OnlineRead read) => _call.Answer.Write(to, _plan, read, Keys);
    }
}
