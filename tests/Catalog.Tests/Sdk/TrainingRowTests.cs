using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Sdk;
using Catalog.Tests.Storage.Columnar;
using Xunit;

namespace Catalog.Tests.Sdk;

public sealed class TrainingRowTests
{
    private static readonly Schema s_schema = new(
        [
            new("tail_number", StringType.Default, nullable: true), new("delay", Int16Type.Default, nullable: true),
            new("is_late", BooleanType.Default, nullable: false), new("day", Date32Type.Default, nullable: false),
            new("embedding", new ListType(new Field("element", FloatType.Default, nullable: false)), nullable: false),
        ],
        metadata: null);

    private sealed record Flight(string? TailNumber, int? Delay, bool IsLate, DateOnly Day);

    private sealed class Settable
    {
        public long? Delay { get; set; }

        public float[] Embedding { get; init; } = [];

        public string Computed => $"{Delay}";
    }

    private sealed record Narrow(byte Delay);

    private sealed record Missing(int Speed);

    private sealed record NeverNull(short Delay);

    private sealed record NamedAlways(string TailNumber);

    [Fact]
    public void Parameters_take_the_column_of_their_name_whatever_its_case_and_underscores()
    {
        var row = RowType<Flight>.Of(s_schema);
        IArrowArray[] columns = [.. Batch().Arrays];

        Assert.Equal(new Flight("N1", 5, IsLate: true, new DateOnly(2001, 1, 2)), row(columns, 0));
        Assert.Equal(new Flight(null, null, IsLate: false, new DateOnly(2001, 1, 3)), row(columns, 1));
    }

    [Fact]
    public void Properties_that_can_be_set_are()
    {
        var made = RowType<Settable>.Of(s_schema)([.. Batch().Arrays], 0);

        Assert.Equal(5, made.Delay);
        Assert.Equal([0.5f, 1.5f], made.Embedding);
    }

    [Fact]
    public void What_does_not_fit_is_told_by_column_and_type()
    {
        Assert.Contains("'Delay' is Byte, and column 'delay'", Refused<Narrow>(), StringComparison.Ordinal);
        Assert.Contains("no column for 'Speed'", Refused<Missing>(), StringComparison.Ordinal);
        Assert.Contains("several constructors", Refused<Uri>(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_null_where_there_may_be_none_is_told_by_column()
    {
        IArrowArray[] columns = [.. Batch().Arrays];

        var number = Assert.Throws<CatalogException>(() => RowType<NeverNull>.Of(s_schema)(columns, 1));
        var text = Assert.Throws<CatalogException>(() => RowType<NamedAlways>.Of(s_schema)(columns, 1));

        Assert.Contains("'delay' has a null", number.Message, StringComparison.Ordinal);
        Assert.Contains("'tail_number' has a null", text.Message, StringComparison.Ordinal);
    }

    /// <summary>Every flat type that Parquet has can be read as some type of .NET.</summary>
    [Fact]
    public void Every_flat_type_has_a_reader()
    {
        Type[] types =
        [
            typeof(bool), typeof(sbyte), typeof(short), typeof(int), typeof(long), typeof(byte), typeof(ushort), typeof(uint),
            typeof(ulong),
            typeof(Half), typeof(float), typeof(double), typeof(decimal), typeof(DateOnly), typeof(TimeOnly), typeof(DateTime),
            typeof(DateTimeOffset), typeof(string), typeof(byte[]), typeof(Guid),
        ];
        var batch = new RandomArrays(1).Batch(RandomArrays.EveryType, 20);
        foreach (var (field, i) in RandomArrays.EveryType.FieldsList.Select((f, i) => (f, i)))
        {
            if (field.DataType is NestedType or NullType or Decimal256Type)
                continue;
            var reader = types.Select(t => CellReaders.Of(field, t.IsValueType ? typeof(Nullable<>).MakeGenericType(t) : t, nullable: true))
                .FirstOrDefault(r => r is not null);

            Assert.True(reader is not null, $"{field.Name} has no reader.");
            for (var row = 0; row < batch.Length; row++)
                Assert.True(!batch.Column(i).IsNull(row) || reader.DynamicInvoke(batch.Column(i), row) is null, field.Name);
        }
    }

    private static string Refused<T>()
        where T : class
    {
        var refused = Assert.Throws<CatalogException>(() => RowType<T>.Of(s_schema));
        Assert.Equal("client.row_type", refused.Code);
        return refused.Message;
    }

    private static RecordBatch Batch()
    {
        var embedding = new ListArray.Builder(new Field("element", FloatType.Default, nullable: false));
        var values = (FloatArray.Builder)embedding.ValueBuilder;
        embedding.Append();
        values.Append(0.5f).Append(1.5f);
        embedding.Append();
        return new(
            s_schema,
            [
                new StringArray.Builder().Append("N1").AppendNull().Build(), new Int16Array.Builder().Append(5).AppendNull().Build(),
                new BooleanArray.Builder().Append(true).Append(false).Build(),
                new Date32Array.Builder().Append(new DateOnly(2001, 1, 2)).Append(new DateOnly(2001, 1, 3)).Build(), embedding.Build(),
            ],
            2);
    }
}
