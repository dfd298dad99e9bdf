using Catalog.Benchmarks;
using Catalog.Benchmarks.Access;
using Catalog.Benchmarks.Serving;

// dotnet run -c Release --project tests/Catalog.Benchmarks -- write-path | lineage | lineage-serve | openlineage <folder of events>
// | openlineage-growth <folder of events> [events] | openlineage-fold <folder of events> [events] | cold-start
// | search [datasets] [folder of events] | parquet [flights.parquet] | wire [rows a batch] [batches]
// | s3 <address of a bucket> [MiB] | epochs <address of a bucket> | point-in-time [rows] [events] | point-in-time-large [events]
// | training-reads [flights.parquet] | masks [flights.parquet] | hot [rows] | answers | serving [rows] [features] [flips]
// | policies [statements] [nodes] | governed [rows] [streams]
return args switch
{
    ["write-path", .. var rest] => await WritePathBenchmark.RunAsync(rest),
    ["lineage", .. var rest] => await LineageBenchmark.RunAsync(rest),
    ["lineage-serve", .. var rest] => await LineageServeBenchmark.RunAsync(rest),
    ["cold-start", .. var rest] => await ColdStartBenchmark.RunAsync(rest),
    ["openlineage-fold", .. var rest] => OpenLineageFoldBenchmark.Run(rest),
    ["search", .. var rest] => await SearchBenchmark.RunAsync(rest),
    ["s3", .. var rest] => await S3Benchmark.RunAsync(rest),
    ["openlineage-growth", .. var rest] => await OpenLineageGrowthBenchmark.RunAsync(rest),
    ["openlineage", .. var rest] => await OpenLineageBenchmark.RunAsync(rest),
    ["parquet", .. var rest] => await ParquetBenchmark.RunAsync(rest),
    ["wire", .. var rest] => await WireBenchmark.RunAsync(rest),
    ["epochs", .. var rest] => await EpochBenchmark.RunAsync(rest),
    ["point-in-time-large", .. var rest] => await PointInTimeBenchmark.RunLargeAsync(rest),
    ["point-in-time", .. var rest] => await PointInTimeBenchmark.RunAsync(rest),
    ["training-reads", .. var rest] => await TrainingReadBenchmark.RunAsync(rest),
    ["masks", .. var rest] => await MaskBenchmark.RunAsync(rest),
    ["serving", .. var rest] => await ServingBenchmark.RunAsync(rest),
    [ServingServer.Argument, .. var rest] => await ServingServer.RunAsync(rest),
    ["answers"] => AnswerBenchmark.Run(),
    ["policies", .. var rest] => PolicyBenchmark.Run(rest),
    ["governed", .. var rest] => await GovernedBenchmark.RunAsync(rest),
    ["hot", .. var rest] => await HotBenchmark.RunAsync(rest),
    [WireServer.Argument, .. var rest] => await WireServer.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine(
        "Say which: write-path [seconds], lineage [edges], lineage-serve [runs], "
        + "openlineage <folder of events> [seconds] [events a request], openlineage-growth <folder of events> [events], "
        + "openlineage-fold <folder of events> [events] [same-time], cold-start [path to Catalog.Cli.dll], "
        + "search [datasets] [folder of events], parquet [flights.parquet], wire [rows a batch] [batches], s3 <address of a bucket> [MiB], "
        + "epochs <address of a bucket>, point-in-time [rows] [events], "
        + "point-in-time-large [events], training-reads [flights.parquet], masks [flights.parquet], hot [rows], answers, "
        + "serving [rows] [features] [flips], policies [statements] [nodes], governed [rows] [streams].");
    return 2;
}
