using System.Diagnostics;
using System.Globalization;
using System.Text;
using Catalog.Hot;
using Catalog.Server.Doors.Feast;
using Catalog.Server.Doors.Lookup;
using Catalog.Server.Doors.Online;
using Catalog.Serving;
using Catalog.Storage.Hot;

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
    private static readonly TimeSpan s_time = TimeSpan.FromSeconds(1);
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
            ("compact", new CompactAnswers(plan, receipt: false)), ("compact, receipts", new CompactAnswers(plan, receipt: true)),
            ("Feast JSON", new FeastAnswers(plan)),
        ];
        foreach (var (name, way) in ways)
        {
            var rates = new List<double>();
            var allocated = 0L;
            for (var round = 0; round < Rounds; round++)
                rates.Add(Rate(way, out allocated));
            rates.Sort();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-20} {1e6 / rates[Rounds / 2],8:0.0} us an answer of {way.Bytes:N0} bytes; allocated: {allocated} B"));
        }
    }

    private static double Rate(Answerer way, out long allocated)
    {
        for (var i = 0; i < 500; i++)
            way.Answer();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        var count = 0L;
        while (watch.Elapsed < s_time)
        {
            for (var i = 0; i < 20; i++)
                way.Answer();
            count += 20;
        }

        allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / count;
        return count / watch.Elapsed.TotalSeconds;
    }

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

        protected abstract KeyColumns Keys { get; }

        public void Answer()
        {
            _requests ??= [.. _keys.Select(Request)];
            var request = _requests[_next++ % _requests.Length];
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
