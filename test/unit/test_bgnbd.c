/*
 * test_bgnbd.c
 *		BG/NBD and MBG/NBD against numbers computed with 50 digits, against
 *		published ones, finite differences, and what must hold in any case.
 *
 * The embedded rows are of random parameters, ordinary ones and such where
 * something cancels or overflows: a -> 0 (a0), a near 1 (a1), b -> 0 (b0), alpha
 * -> 0 (al0), r -> 0 (r0), a and b large (ab), r and alpha large (ral), many
 * purchases (x), all over the place (extreme), new customers (new).  The
 * reference files of the public data sets are read if CUSTOMER_VALUE_DATA
 * says where these are.
 */
#include "common/host.h"

#include <math.h>

#include "clv/beta_geometric.h"
#include "tap.h"

#include "random.h"

typedef struct Row
{
	char		model;
	double		parameter[BG_PARAMETERS];
	double		history[3];
	double		horizon;
	double		log_likelihood;
	double		log_p_alive;
	double		log_purchases;
	double		gradient[BG_PARAMETERS];
} Row;

typedef struct DiscountedRow
{
	char		model;
	double		parameter[BG_PARAMETERS];
	double		history[3];
	double		horizon;
	double		rate;
	double		purchases;
	double		lifetime;
} DiscountedRow;

typedef struct SurvivalRow
{
	char		model;
	double		parameter[BG_PARAMETERS];
	double		history[3];
	double		horizon;
	double		survival;
} SurvivalRow;

typedef struct CountRow
{
	char		model;
	double		parameter[BG_PARAMETERS];
	int64		n;
	double		horizon;
	double		probability;
} CountRow;

static const Row rows[] = {
	/* a0 */
	{'b', {0.223243824782, 15.7002245204, 1.30237188212e-09, 0.176902835047}, {60.0, 34.9714285713, 38.857142857}, 5000.0,
		-56.194551989025172, -1.8838497952738455e-09, 8.6159988140836976, {7.5835362458124491, -1.0896325717261357, -8.6140150305721672, 4.3259042724656622e-08}},
	/* a0 */
	{'m', {3.813055673, 5.93953506833, 3.78787155918e-06, 0.129401032726}, {8.0, 4500.0, 5000.0}, 365.0,
		-78.349472986636883, -1.6150866384227703e-06, -0.14927789471448816, {-5.5120759321263249, 0.63961900468521615, -9.8394329460993415, 0.00023079937270417282}},
	/* a1 */
	{'b', {0.116872328778, 0.329224623776, 1.001, 0.255120441003}, {20.0, 365.0, 365.0}, 1.0,
		-85.56491431687509, -0.050679969588078397, -2.9005995317385445, {4.9208628405687911, 0.29992762083858554, -3.2037201591348023, 3.868922340937043}},
	/* a1 */
	{'m', {1.0305016102, 2468.36091268, 1.001, 0.360354838724}, {20.0, 11.879999999999999, 12.0}, 1.0,
		-117.92091113547981, -0.04804152373854656, -4.7703842829732794, {3.5452940153683317, -0.0080613421275315573, -3.139714872812466, 2.7269428235497402}},
	/* ab */
	{'b', {0.0691191302434, 5.15388833393, 84.1488896225, 26208.1452298}, {0.0, 0.0, 365.0}, 52.0,
		-0.29542673233832911, 0, -4.6348391524140942, {-4.2741673874945594, 0.013224333969977308, 0, 0}},
	/* ab */
	{'m', {0.121022321721, 11.6712260829, 838.464589575, 62.311640094}, {150.0, 4950.0, 5000.0}, 5000.0,
		-981.54334284171512, -2.9334346792631472, 0.22690545467935436, {7.6121690872733714, -0.019870788156334522, -0.15392931985283864, 1.0767878461503022}},
	/* al0 */
	{'b', {0.334205430143, 2.44705844909e-06, 2.42537987524, 0.333326569043}, {3.0, 364.999635, 365.0}, 5000.0,
		-27.099395058132064, -0.71268261386066545, 1.1639760144747653, {-14.650428054764239, 136574.34619669951, -0.62853736395005977, 3.1215266201769278}},
	/* al0 */
	{'m', {2.25992092881, 7.51645028405e-09, 17.8803746174, 2.4975895998}, {2000.0, 34.9714285713, 38.857142857}, 5000.0,
		5956.0522913060149, -206.2406909530587, 4.7848882019953001, {-15.236981999777985, 300663266.97556949, -4.5656429066766364, 2.2783566242257707}},
	/* b0 */
	{'b', {1.17468987949, 1.81501072053, 1.25669013703, 2.6213180614e-12}, {20.0, 0.999999, 1.0}, 39.0,
		-8.7489362383440028, -0.064046603618466438, 3.685527977140401, {2.9117327366790451, -6.8748556065955411, -3.2030713397191044, 381487471789.92963}},
	/* b0 */
	{'m', {0.0627055899236, 24.5480713786, 0.0691547891266, 6.45268169472e-09}, {1.0, 4950.0, 5000.0}, 52.0,
		-27.811751887849663, -0.067559290885856771, -4.5103844645983351, {10.626737379338948, 0.0023427582551068045, -14.450972341553287, 154974312.07652754}},
	/* extreme */
	{'b', {5.99972737874, 0.000628788275437, 0.00169895263027, 0.00019199025339}, {0.0, 0.0, 5000.0}, 2.22066004549,
		-95.329124026315171, 0, -5.9290707187850931, {-15.888909280130523, 9541.727889341948, 0, 0}},
	/* extreme */
	{'m', {0.0434950537363, 0.00886553327205, 0.0119878661916, 12.1581281609}, {2.0, 1.2000000000000002, 12.0}, 365.0,
		-8.2919028110907984, -0.088315198910526665, 4.1143308373042657, {16.932281069910605, 4.6074148078026766, 6.822437770356836, -0.0057603136607041316}},
	/* new */
	{'b', {0.740786295274, 0.156671973374, 2.5130925576, 0.0629528770003}, {0.0, 0.0, 0.0}, 2425.4858591,
		0, 0, 0.039922522612383701, {0, 0, 0, 0}},
	/* new */
	{'m', {4.91008907481, 4.11462606035, 11.4265955522, 0.105456726149}, {0.0, 0.0, 0.0}, 52.0,
		-1.3463307828968333e-121, -4.6945849019895585, 0.1007655362140656, {0, 0, -1.548926375750399e-86, -1.0507396320031726e-84}},
	/* ord */
	{'b', {0.239394780291, 2.61710155775, 0.257434884379, 1.96302786218}, {0.0, 0.0, 60.3892979721}, 9.24429375585,
		-0.76155522302326573, 0, -3.3590397387758917, {-3.181168871341078, 0.087673716983196565, 0, 0}},
	/* ord */
	{'m', {0.283494381118, 24.9216214066, 0.24694514167, 2.16053853056}, {3.0, 73.64836860795, 81.8315206755}, 68.7563525969,
		-14.836787522394141, -0.06032093384974669, 0.70280866888803384, {3.294340274887634, -0.019531859783839554, -0.88361164707328177, 0.081378864507821044}},
	/* r0 */
	{'b', {5.11783357558e-08, 218.455648397, 0.334654348238, 0.475645436312}, {5.0, 0.99, 1.0}, 0.464444140688,
		-41.521476766143316, -0.072124687250835331, -4.5489916140998519, {19539519.830412291, -0.022783719129761282, -2.4047422386599551, 1.0669377453501445}},
	/* r0 */
	{'m', {5.96711431543e-05, 1.96711522251, 0.375470682523, 2.86567833272}, {3.0, 1.08888603338e-07, 1.08888603338e-06}, 1.0,
		-11.353285733031525, -0.062046259233933775, 0.37449616608494035, {16760.019154431997, -1.5250750921555514, -0.73511535114154647, 0.078049928662663512}},
	/* ral */
	{'b', {277.768506099, 496.51115292868894, 1.93897569577, 0.512122974829}, {3.0, 4500.0, 5000.0}, 39.0,
		-653.21696202917076, -26.518950461880802, 0.37387591756808952, {-2.2981275224148661, 0.50324770680508668, -0.40667051918095964, 1.6915711340412569}},
	/* ral */
	{'m', {4855.09054789, 30464.38641975465, 0.204276507293, 0.180889766671}, {60.0, 1.0, 1.0}, 365.0,
		-111.62048575571045, -0.003388627105728599, 3.9998274691582747, {0.012250856760260286, -0.0019642170228816981, -6.7654259922869615, 3.1653597650176861}},
	/* rand */
	{'b', {0.245166643903, 1541.95482799, 3.60606127848, 0.711345013956}, {60.0, 11.999988, 12.0}, 5000.0,
		-269.55527313435715, -0.058638262689610407, 3.1639939396498633, {8.3944622758978849, -0.038609933170697844, -2.7978454730200344, 2.4715587142173434}},
	/* rand */
	{'m', {0.197062080877, 0.33739660663, 0.251809068477, 0.0784290616059}, {0.0, 0.0, 12.0}, 5000.0,
		-0.12856469105222496, -2.0183070488454486, 3.1922712883051445, {-0.4782533966482207, 0.075488441620291682, 0.41544259355352253, -1.3338450103362165}},
	/* x */
	{'b', {15.4598818814, 5.64377027854, 0.194534155423, 5.95999920318}, {30000.0, 0.999999, 1.0}, 5000.0,
		222582.71291621836, -6.5127359183894145e-06, 15.85699369934729, {7.4407658036386097, -4515.0960162327119, -8.5753539272485337, 0.034908992089327559}},
	/* x */
	{'m', {6.59521686898, 182.411141233, 1.21986212436, 30.4933675576}, {30000.0, 38.85710399985714, 38.857142857}, 365.0,
		117335.54592597349, -4.0834563956300945e-05, 10.178392597173916, {8.3074223880348566, -135.57566649611789, -6.8691075920936004, 0.039821588566631365}},
};

static const DiscountedRow discounted_rows[] = {
	{'m', {0.11094180425, 1194.40219143, 2.2744774926e-06, 5.72963958075}, {150.0, 365.0, 365.0}, INFINITY, 0.0027, 35.652521974688007, 370.37020996825288},
	{'m', {1.50389939208, 1.22315455991, 2.23343673171e-09, 9.47873371289}, {600.0, 18108.96123825, 36217.9224765}, 39.0, 0.0027, 0.61475189368891414, 37.016864540682079},
	{'m', {0.106810770422, 0.601858851422, 0.9999, 17.4599239914}, {5.0, 12.0, 12.0}, INFINITY, 0.0027, 38.145052128960899, 105.05788325257379},
	{'b', {0.923432233858, 73.8809555588, 1.000000001, 13.3857452629}, {150.0, 11.999988, 12.0}, 52.0, 0.0027, 68.064133304347493, 38.779184034895948},
	{'b', {0.0681493353042, 78.9762953426, 6793.08444045, 36.5218884743}, {150.0, 1.0, 1.0}, 39.0, 0.01, 1.021829094921054, 0.54819946810416575},
	{'b', {0.686004589457, 147.951613891, 82.2065945649, 501.03265108}, {150.0, 10.8, 12.0}, 0.246818486465, 0.0027, 0.22942084422115053, 0.24354878755460863},
	{'m', {0.24673793467, 6.11860743117e-10, 0.577978735873, 16.0012270341}, {8.0, 0.9, 1.0}, 1.0, 0.01, 7.4881535969137589, 0.91620818907230217},
	{'b', {0.0454093445321, 1.70165993799e-07, 1.52054146596, 0.199305030505}, {20.0, 38.468571428429996, 38.857142857}, 1.0, 0.01, 0.50378786745028481, 0.97743071528467174},
	{'m', {1.50777510392, 0.18956974762, 0.21264301996, 2.16199598487e-12}, {1.0, 365.0, 365.0}, INFINITY, 0.01, 0.64092106570787755, 94.937648412597198},
	{'b', {0.0823283178474, 0.798017872752, 0.322814252207, 6.02141917735e-09}, {150.0, 0.012, 12.0}, INFINITY, 0.041153266741, 216.71363239092977, 18.499293626379288},
	{'b', {0.00028853521245, 1621.13963148, 0.115088824578, 28.793301598}, {0.0, 0.0, 1.0}, 0.0167743531008, 0.0027, 2.983640705334547e-09, 0.016773973244890415},
	{'b', {0.00198816883601, 24.0249073545, 0.000285488904809, 19.2712061563}, {1.0, 9.93325809725e-05, 0.000198665161945}, 1.0, 0.0027, 0.041649602496928603, 0.99865092141255762},
	{'m', {0.514501212681, 0.513495032799, 3.61862496536, 5.0505214398}, {0.0, 0.0, 0.0}, 365.0, 3.17189579425e-05, 3.0725350916586547, 42.366695298534687},
	{'b', {0.357080215749, 0.189813930526, 1.82755167671, 0.281560663001}, {0.0, 0.0, 0.0}, INFINITY, 0.0027, 1.1841738816284151, 36.964694534577333},
	{'b', {0.215049035666, 4.53765413573, 0.554266157391, 0.707337487399}, {2.0, 16.3773192167, 32.7546384334}, 33.2579499254, 0.362276149147, 0.15796496679586228, 2.6892427661081371},
	{'b', {0.19969999454, 4.61832731023, 0.231489179445, 1.81484830584}, {5.0, 1.22453185836, 12.2453185836}, 20.27033633, 0.0027, 5.5515547379070531, 18.226339592661716},
	{'m', {1.10818131572e-09, 0.325297238201, 0.227076010043, 14.6524886321}, {3.0, 11.999988, 12.0}, 5000.0, 0.01, 20.39942181864653, 86.430724818558872},
	{'m', {4.53335691237e-05, 5.48709807069, 0.469068198792, 0.133399018001}, {0.0, 0.0, 55212.6350482}, 5000.0, 0.00103868070629, 7.8220083547527999e-07, 957.41328206491107},
	{'m', {1907.78421267, 56339.4718981233, 16.6604407242, 4.87371818293}, {1.0, 38.857142857, 38.857142857}, 365.0, 0.0027, 1.2881138874279883, 38.063891675709655},
	{'b', {20604.688452, 82284184.61100328, 0.179902708092, 0.773796314527}, {20.0, 0.365, 365.0}, 52.0, 0.0027, 0.012159560803769752, 48.5119563955678},
	{'m', {0.0381448470157, 0.111495909503, 5.37690256309, 42.9101908658}, {0.0, 0.0, 38.857142857}, INFINITY, 0.0027, 0.21532861875316556, 362.12875698237548},
	{'m', {7.78079566961, 11.5412873767, 3.98708032717, 0.439950637492}, {2.0, 125.986306852, 125.986306852}, 52.0, 0.01, 1.3617993498613234, 20.25673923762108},
	{'b', {11.7247864788, 31.8205414999, 0.835195916243, 0.169240813351}, {30000.0, 10.8, 12.0}, 0.169273258428, 0.01, 115.6470313159595, 0.16885786614199966},
	{'b', {0.383266643753, 662.913813181, 0.283795475794, 0.100221612546}, {100000.0, 182.5, 365.0}, 1.0, 7.90835697146e-05, 97.267523537861095, 0.99982247957791659},
};

static const CountRow count_rows[] = {
	{'b', {0.2425945, 4.413532, 0.7929888, 2.425752}, 0, 39.0, 0.57430521234131116},
	{'b', {0.2425945, 4.413532, 0.7929888, 2.425752}, 5, 39.0, 0.017937550564753962},
	{'m', {1.25, 6.04, 0.368, 0.716}, 0, 52.0, 0.37852437015558071},
	{'m', {1.25, 6.04, 0.368, 0.716}, 12, 52.0, 0.012491293143061362},
	{'m', {1e-07, 6.04, 0.368, 0.716}, 2, 52.0, 2.8094191637596121e-08},
	{'b', {3.6e-06, 7.2, 3.2, 1e-06}, 100, 60.0, 5.1419182674710444e-25},
	{'b', {500.0, 400.0, 0.5, 30.0}, 60, 52.0, 0.025858894773046221},
	{'m', {0.2, 6.9, 0.118, 7.66}, 20000, 985847.0, 3.1594016245719049e-06},
	{'b', {2.0, 7.5, 0.1, 9.6}, 20000, 2600.0, 7.347687411205655e-27},
	{'b', {40.0, 0.001, 0.1, 9.6}, 3, 100000.0, 0.0083798399628441066},
	{'m', {0.24, 4.4, 0.8, 2.4}, 1000000, 10000000.0, 8.3940216497353098e-12},
};

static const SurvivalRow survival_rows[] = {
	{'b', {0.24, 4.4, 0.79, 2.4}, {2.0, 20.0, 30.0}, 52.0, 0.68881854985657021},
	{'m', {0.24, 4.4, 0.79, 2.4}, {0.0, 0.0, 30.0}, 5200.0, 0.51928481558348605},
	{'b', {1.5, 0.3, 60.0, 4.0}, {30.0, 9.0, 10.0}, 800.0, 1.4165420866657574e-52},
	{'m', {300.0, 2.5, 110.0, 240.0}, {1.0, 0.5, 1.0}, 45.0, 4.6593358110454147e-118},
	{'b', {1e-05, 7.0, 0.0001, 3.0}, {1.0, 0.001, 2.0}, 100000.0, 0.99925181313462119},
	{'m', {20.0, 0.0001, 900.0, 0.001}, {0.0, 0.0, 5.0}, 0.02, 0.92334687322105913},
};

static const ModelClass *
model_of(char letter)
{
	return letter == 'm' ? &mbgnbd_model : &bgnbd_model;
}

/* Relative, absolute below 1; infinite if anything is not a number. */
static double
distance(double got, double expected)
{
	double		d = fabs(got - expected) / fmax(1, fabs(expected));

	return d >= 0 ? d : INFINITY;
}

static double
relative(double got, double expected)
{
	double		d = fabs(got / expected - 1);

	return d >= 0 ? d : INFINITY;
}

static double
uniform(double from, double to)
{
	return from + (to - from) * ((double) (random64() >> 11) / 9007199254740992.0);
}

static double
log_uniform(double from, double to)
{
	return pow(10, uniform(from, to));
}

static void
test_rows(void)
{
	double		worst[4] = {0};

	for (size_t i = 0; i < lengthof(rows); i++)
	{
		const Row  *row = &rows[i];
		const ModelClass *model = model_of(row->model);
		History		h = {row->history[0], row->history[1], row->history[2]};
		Pattern		pattern = {.frequency = h.frequency,.recency = h.recency,.age = h.age,.customers = 1};
		double		gradient[BG_PARAMETERS];

		worst[0] = fmax(worst[0], distance(model->log_likelihood(row->parameter, &pattern, 1, gradient),
										   row->log_likelihood));
		for (int k = 0; k < BG_PARAMETERS; k++)
			worst[1] = fmax(worst[1], distance(gradient[k], row->gradient[k]));
		worst[2] = fmax(worst[2], distance(model->log_p_alive(row->parameter, &h), row->log_p_alive));
		worst[3] = fmax(worst[3], distance(log(model->purchases(row->parameter, &h, row->horizon)),
										   row->log_purchases));
	}
	ok(worst[0] < 1e-12, "log-likelihood within 1e-12 (%.1e)", worst[0]);
	ok(worst[1] < 1e-12, "gradient within 1e-12 (%.1e)", worst[1]);
	ok(worst[2] < 1e-12, "log p_alive within 1e-12 (%.1e)", worst[2]);
	ok(worst[3] < 1e-12, "log of purchases within 1e-12 (%.1e)", worst[3]);
}

static void
test_discounted_rows(void)
{
	double		worst[2] = {0};

	for (size_t i = 0; i < lengthof(discounted_rows); i++)
	{
		const DiscountedRow *row = &discounted_rows[i];
		const ModelClass *model = model_of(row->model);
		History		h = {row->history[0], row->history[1], row->history[2]};

		worst[0] = fmax(worst[0], relative(model->discounted_purchases(row->parameter, &h, row->horizon, row->rate),
										   row->purchases));
		worst[1] = fmax(worst[1], relative(model->discounted_lifetime(row->parameter, &h, row->horizon, row->rate),
										   row->lifetime));
	}
	ok(worst[0] < 1e-12, "discounted purchases within 1e-12 (%.1e)", worst[0]);
	ok(worst[1] < 1e-12, "discounted lifetime within 1e-12 (%.1e)", worst[1]);
}

static void
test_survival_rows(void)
{
	double		worst = 0;

	for (size_t i = 0; i < lengthof(survival_rows); i++)
	{
		const SurvivalRow *row = &survival_rows[i];
		History		h = {row->history[0], row->history[1], row->history[2]};

		worst = fmax(worst, relative(model_of(row->model)->survival(row->parameter, &h, row->horizon),
									 row->survival));
	}
	ok(worst < 1e-12, "survival within 1e-12 (%.1e)", worst);
}

static void
test_count_rows(void)
{
	double		worst = 0;

	for (size_t i = 0; i < lengthof(count_rows); i++)
	{
		const CountRow *row = &count_rows[i];

		worst = fmax(worst, relative(model_of(row->model)->purchase_probability(row->parameter, row->n, row->horizon),
									 row->probability));
	}
	ok(worst < 1e-12, "probabilities of n purchases within 1e-12 (%.1e)", worst);
}

/* They sum to 1, and their mean is the expectation of a new customer. */
static void
test_distribution(char letter)
{
	static const double parameter[BG_PARAMETERS] = {1.3, 5.5, 0.9, 2.2};
	const ModelClass *model = model_of(letter);
	History		born = {0, 0, 0};
	double		sum = 0;
	double		mean = 0;
	double		expected = exp(model->log_p_alive(parameter, &born)) *
		model->purchases(parameter, &born, 26);

	for (int64 n = 0; n < 400; n++)
	{
		double		p = model->purchase_probability(parameter, n, 26);

		sum += p;
		mean += (double) n * p;
	}
	ok(fabs(sum - 1) < 1e-13, "%s: probabilities sum to 1 (%.1e)", model->name, sum - 1);
	ok(relative(mean, expected) < 1e-12, "%s: their mean %.15g is the expectation %.15g",
	   model->name, mean, expected);
	ok(model->purchase_probability(parameter, 3, 0) == 0, "%s: none at once", model->name);
	ok(relative(model->purchase_probability(parameter, 0, 0), 1) < 1e-15, "%s: for sure", model->name);
}

static int
compare_patterns(const void *a, const void *b)
{
	const Pattern *x = a,
			   *y = b;

	if (x->frequency != y->frequency)
		return x->frequency < y->frequency ? -1 : 1;
	if (x->recency != y->recency)
		return x->recency < y->recency ? -1 : 1;
	return (x->age > y->age) - (x->age < y->age);
}

#define PATTERNS 300

static void
make_patterns(Pattern *pattern)
{
	for (int i = 0; i < PATTERNS; i++)
	{
		double		age = floor(uniform(1, 60));
		double		frequency = floor(uniform(0, 4) * uniform(0, 4));

		pattern[i].frequency = frequency;
		pattern[i].recency = frequency > 0 ? ceil(uniform(0, 1) * age) : 0;
		pattern[i].age = age;
		pattern[i].customers = floor(uniform(1, 9));
	}
	qsort(pattern, PATTERNS, sizeof(Pattern), compare_patterns);
}

/* Many patterns are the sum of each, and the gradient that of differences. */
static void
test_patterns(char letter)
{
	const ModelClass *model = model_of(letter);
	Pattern		pattern[PATTERNS];
	double		gradient[BG_PARAMETERS];
	double		sum_gradient[BG_PARAMETERS] = {0};
	double		sum = 0;
	double		worst_sum = 0;
	double		worst_difference = 0;
	double		parameter[BG_PARAMETERS] = {0.7, 4, 0.6, 1.4};
	double		all;

	make_patterns(pattern);
	all = model->log_likelihood(parameter, pattern, PATTERNS, gradient);
	for (int i = 0; i < PATTERNS; i++)
	{
		double		part[BG_PARAMETERS];

		sum += model->log_likelihood(parameter, pattern + i, 1, part);
		for (int k = 0; k < BG_PARAMETERS; k++)
			sum_gradient[k] += part[k];
	}
	for (int k = 0; k < BG_PARAMETERS; k++)
	{
		double		at = parameter[k];
		double		step = 1e-3 * at;
		double		value[4];

		for (int i = 0; i < 4; i++)
		{
			parameter[k] = at + step * (i < 2 ? i - 2 : i - 1);
			value[i] = model->log_likelihood(parameter, pattern, PATTERNS, NULL);
		}
		parameter[k] = at;
		worst_sum = fmax(worst_sum, distance(gradient[k], sum_gradient[k]));
		worst_difference = fmax(worst_difference,
								distance(gradient[k], (value[0] - 8 * value[1] + 8 * value[2] - value[3]) / (12 * step)));
	}
	ok(relative(all, sum) < 1e-13 && worst_sum < 1e-12, "%s: patterns together are the sum of each", model->name);
	ok(worst_difference < 1e-8, "%s: gradient agrees with differences (%.1e)", model->name, worst_difference);
	ok(model->log_likelihood(parameter, pattern, PATTERNS, NULL) == all, "%s: the same bits without gradient",
	   model->name);
	ok(model->log_likelihood(parameter, pattern, 0, gradient) == 0 && gradient[0] == 0, "%s: no patterns",
	   model->name);
}

/* What must hold for any history and parameters. */
static void
test_laws(char letter)
{
	const ModelClass *model = model_of(letter);
	int			wrong = 0;

	for (int i = 0; i < 4000; i++)
	{
		bool		wide = i % 2 == 0;
		double		w = wide ? 1 : 0.25;
		double		p[BG_PARAMETERS] = {log_uniform(-6 * w, 4 * w), log_uniform(-8 * w, 6 * w),
			log_uniform(-6 * w, 4 * w), log_uniform(-6 * w, 4 * w)};
		double		frequency = floor(log_uniform(-1, wide ? 5 : 1.5));
		double		age = log_uniform(-6 * w, 6 * w);
		History		h = {frequency, frequency > 0 ? age * uniform(0.001, 1) : 0, age};
		Pattern		pattern = {.frequency = h.frequency,.recency = h.recency,.age = h.age,.customers = 1};
		double		horizon = log_uniform(-6 * w, 6 * w);
		double		rate = log_uniform(-6, 0);
		double		g[BG_PARAMETERS];
		double		ll = model->log_likelihood(p, &pattern, 1, g);
		double		alive = model->log_p_alive(p, &h);
		double		purchases = model->purchases(p, &h, horizon);
		double		later = model->purchases(p, &h, 2 * horizon);
		double		discounted = model->discounted_purchases(p, &h, horizon, rate);
		double		lifetime = model->discounted_lifetime(p, &h, horizon, rate);
		double		survival = model->survival(p, &h, horizon);
		double		readier[BG_PARAMETERS] = {p[BG_R], p[BG_ALPHA], p[BG_A] + 1, p[BG_B]};
		double		chances = frequency + (letter == 'm');
		double		pace = (p[BG_R] + frequency) / (p[BG_ALPHA] + age);
		double		slack = 1 + 1e-12;
		bool		fine;

		/* never leaving, and not discounting, is more */
		fine = isfinite(ll) && isfinite(g[0]) && isfinite(g[1]) && isfinite(g[2]) && isfinite(g[3]) &&
			alive <= 0 && isfinite(alive) &&
			purchases > 0 && purchases <= pace * horizon * slack &&
			later >= purchases / slack && later <= 2 * purchases * slack &&
			discounted > 0 && discounted <= purchases * slack &&
			discounted >= purchases * exp(-rate * horizon) / slack &&
			lifetime > 0 && lifetime <= -expm1(-rate * horizon) / rate * slack &&
			model->discounted_purchases(p, &h, horizon, 0) == purchases &&
			model->discounted_lifetime(p, &h, horizon, 0) <= horizon * slack;
		/* he drops out after one of his purchases: E p (1 - ...) / p, with a + 1 for p */
		fine = fine && survival >= 0 && survival <= 1 &&
			fabs(1 - survival - p[BG_A] / (p[BG_A] + p[BG_B] + chances) *
				 model->purchases(readier, &h, horizon)) < 1e-12 &&
			lifetime >= survival * -expm1(-rate * horizon) / rate / slack;
		if (p[BG_A] > 1)
			fine = fine && purchases <= slack *
				model->discounted_purchases(p, &h, INFINITY, 0);
		if (i % 20 == 0)
		{
			double		forever = model->discounted_purchases(p, &h, INFINITY, rate);

			fine = fine && forever * slack >= discounted &&
				relative(model->discounted_purchases(p, &h, 1e6 + 60 / rate, rate), forever) < 1e-12;
		}
		if (letter == 'b' && frequency == 0)
			fine = fine && alive == 0;
		wrong += !fine;
		if (!fine)
			printf("# %s {%.17g, %.17g, %.17g, %.17g} {%.17g, %.17g, %.17g} horizon %.17g rate %.17g: "
				   "%g %g %g %g %g %g %g\n", model->name, p[0], p[1], p[2], p[3], h.frequency, h.recency, h.age,
				   horizon, rate, ll, alive, purchases, later, discounted, lifetime, survival);
	}
	ok(wrong == 0, "%s: what must hold for any history does (%d wrong)", model->name, wrong);
}

static void
test_parts(char letter)
{
	static const double parameter[BG_PARAMETERS] = {0.24, 4.4, 0.79, 2.4};
	static const double horizons[] = {3, 39, 52, 400, 4000};
	const ModelClass *model = model_of(letter);
	History		h = {2, 20, 30};
	double		rate = 0.0027;
	double		worst = 0;

	/* by parts: D(t) = e^(-rate t) G(t) + rate * the integral of e^(-rate v) G(v) */
	for (size_t i = 0; i < lengthof(horizons); i++)
	{
		double		t = horizons[i];
		double		sum = 0;
		int			steps = 4000;

		/* Simpson's rule in ln(1 + v) */
		for (int k = 0; k <= steps; k++)
		{
			double		v = expm1(log1p(t) * k / steps);
			double		weight = k == 0 || k == steps ? 1 : k % 2 == 1 ? 4 : 2;

			sum += weight * (1 + v) * exp(-rate * v) * model->purchases(parameter, &h, v);
		}
		sum *= log1p(t) / steps / 3;
		worst = fmax(worst, relative(model->discounted_purchases(parameter, &h, t, rate),
									 exp(-rate * t) * model->purchases(parameter, &h, t) + rate * sum));
	}
	ok(worst < 1e-10, "%s: discounting by parts (%.1e)", model->name, worst);
	ok(model->purchases(parameter, &h, 0) == 0 && model->discounted_purchases(parameter, &h, 0, rate) == 0 &&
	   model->discounted_lifetime(parameter, &h, 0, rate) == 0, "%s: nothing within no time", model->name);
	ok(isinf(model->discounted_purchases(parameter, &h, INFINITY, 0)) &&
	   isinf(model->discounted_lifetime(parameter, &h, INFINITY, 0)), "%s: a < 1, no end and no discount: infinite",
	   model->name);
}

static void
test_starts(char letter)
{
	const ModelClass *model = model_of(letter);
	Pattern		pattern[PATTERNS];
	Pattern		hard[] = {
		{.frequency = 0,.recency = 0,.age = 0,.customers = 5},
		{.frequency = 0,.recency = 0,.age = 1e6,.customers = 1e9},
		{.frequency = 1e5,.recency = 1e-7,.age = 1e-6,.customers = 1},
	};
	double		start[MODEL_MAX_STARTS][MODEL_MAX_PARAMETERS];
	int			wrong = 0;

	make_patterns(pattern);
	for (size_t i = 0; i <= lengthof(hard); i++)
	{
		const Pattern *p = i < lengthof(hard) ? &hard[i] : pattern;
		size_t		count = i < lengthof(hard) ? 1 : PATTERNS;
		int			starts = model->starts(p, count, start);

		wrong += starts < 3 || starts > MODEL_MAX_STARTS;
		for (int k = 0; k < starts; k++)
		{
			double		g[BG_PARAMETERS];

			for (int j = 0; j < BG_PARAMETERS; j++)
				wrong += !(start[k][j] > 0 && isfinite(start[k][j]));
			wrong += !isfinite(model->log_likelihood(start[k], p, count, g));
		}
	}
	ok(wrong == 0, "%s: a search begins at finite places", model->name);
}

static FILE *
open_reference(const char *name)
{
	const char *data = getenv("CUSTOMER_VALUE_DATA");
	char		path[1000];
	char		line[2000];
	FILE	   *file;

	if (data == NULL || *data == '\0')
	{
		printf("# %s not compared: CUSTOMER_VALUE_DATA is not set\n", name);
		return NULL;
	}
	snprintf(path, sizeof(path), "%s/reference/%s", data, name);
	file = fopen(path, "r");
	if (!ok(file != NULL, "%s is there", path))
		return NULL;
	if (fgets(line, sizeof(line), file) == NULL)
		ok(false, "%s has a header", name);
	return file;
}

static void
test_grid_file(void)
{
	FILE	   *file = open_reference("bgnbd_mp.csv");
	double		worst[4] = {0};
	int			count = 0;
	char		line[2000];

	if (file == NULL)
		return;
	while (fgets(line, sizeof(line), file) != NULL)
	{
		double		v[15];
		double		p_alive,
					cet;
		char	   *kind = strchr(line, ',') + 1;
		char	   *rest = kind[0] == '"' ? strstr(kind, "\",") + 2 : strchr(kind, ',') + 1;

		if (sscanf(rest, "%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf",
				   v, v + 1, v + 2, v + 3, v + 4, v + 5, v + 6, v + 7, v + 8, &p_alive, v + 9, &cet, v + 10,
				   v + 11, v + 12, v + 13, v + 14) != 17)
			break;

		History		h = {v[4], v[5], v[6]};
		Pattern		pattern = {.frequency = h.frequency,.recency = h.recency,.age = h.age,.customers = 1};
		double		gradient[BG_PARAMETERS];
		double		alive = bgnbd_model.log_p_alive(v, &h);

		worst[0] = fmax(worst[0], distance(bgnbd_model.log_likelihood(v, &pattern, 1, gradient), v[8]));
		worst[1] = fmax(worst[1], distance(alive, v[9]));
		worst[2] = fmax(worst[2], distance(alive + log(bgnbd_model.purchases(v, &h, v[7])), v[10]));
		for (int k = 0; k < BG_PARAMETERS; k++)
			worst[3] = fmax(worst[3], distance(gradient[k], v[11 + k]));
		count++;
	}
	fclose(file);
	ok(count == 253, "grid: %d rows", count);
	ok(worst[0] < 1e-12, "grid: log-likelihood (%.1e)", worst[0]);
	ok(worst[1] < 1e-12, "grid: log p_alive (%.1e)", worst[1]);
	ok(worst[2] < 1e-12, "grid: log conditional expectation (%.1e)", worst[2]);
	ok(worst[3] < 1e-12, "grid: gradient (%.1e)", worst[3]);
}

/* The exact estimates, as params_mle.csv has them. */
static const double cdnow[BG_PARAMETERS] = {
	0.24259452243015707, 4.4136020190135028, 0.79292201722559857, 2.4259067768263352
};

static void
test_cdnow_files(void)
{
	FILE	   *file = open_reference("cdnow_sample_bg.csv");
	History		born = {0, 0, 0};
	double		worst[3] = {0};
	double		total = 0;
	double		v[6];
	int			count = 0;

	if (file == NULL)
		return;
	while (fscanf(file, "%*[^,],%lf,%lf,%lf,%lf,%lf,%lf,%*[^\n] ", v, v + 1, v + 2, v + 3, v + 4, v + 5) == 6)
	{
		History		h = {v[0], v[1], v[2]};
		Pattern		pattern = {.frequency = h.frequency,.recency = h.recency,.age = h.age,.customers = 1};
		double		ll = bgnbd_model.log_likelihood(cdnow, &pattern, 1, NULL);
		double		alive = exp(bgnbd_model.log_p_alive(cdnow, &h));

		total += ll;
		worst[0] = fmax(worst[0], relative(ll, v[3]));
		worst[1] = fmax(worst[1], relative(alive, v[4]));
		worst[2] = fmax(worst[2], relative(alive * bgnbd_model.purchases(cdnow, &h, 39), v[5]));
		count++;
	}
	fclose(file);
	ok(count == 2357 && fabs(total - -9582.4292066739305) < 1e-8, "CDNOW: log-likelihood %.9f", total);
	ok(worst[0] < 1e-12 && worst[1] < 1e-12, "CDNOW: log-likelihood and p_alive of each (%.1e, %.1e)",
	   worst[0], worst[1]);
	ok(worst[2] < 1e-12, "CDNOW: conditional expectation of each (%.1e)", worst[2]);

	worst[0] = worst[1] = 0;
	if ((file = open_reference("cdnow_pmf_t39.csv")) == NULL)
		return;
	while (fscanf(file, "%lf,%lf,%*[^\n] ", v, v + 1) == 2)
		worst[0] = fmax(worst[0], relative(bgnbd_model.purchase_probability(cdnow, (int64) v[0], 39), v[1]));
	fclose(file);
	if ((file = open_reference("cdnow_unconditional_expectation.csv")) == NULL)
		return;
	while (fscanf(file, "%lf,%lf,%*[^\n] ", v, v + 1) == 2)
		worst[1] = fmax(worst[1], relative(bgnbd_model.purchases(cdnow, &born, v[0]), v[1]));
	fclose(file);
	ok(worst[0] < 1e-12 && worst[1] < 1e-12, "CDNOW: a new customer (%.1e, %.1e)", worst[0], worst[1]);
}

/* Estimates of Fader, Hardie and Lee 2005; the customer of their note on spreadsheets. */
static void
test_published(void)
{
	static const double parameter[BG_PARAMETERS] = {0.243, 4.414, 0.793, 2.426};
	History		h = {2, 30.43, 38.86};
	double		cet = exp(bgnbd_model.log_p_alive(parameter, &h)) * bgnbd_model.purchases(parameter, &h, 39);

	ok(fabs(cet - 1.226) < 0.0006, "published: 1.226 purchases of customer 1 in 39 weeks (%.4f)", cet);
}

int
main(void)
{
	test_rows();
	test_discounted_rows();
	test_survival_rows();
	test_count_rows();
	for (const char *letter = "bm"; *letter != '\0'; letter++)
	{
		test_distribution(*letter);
		test_patterns(*letter);
		test_laws(*letter);
		test_parts(*letter);
		test_starts(*letter);
	}
	test_published();
	test_grid_file();
	test_cdnow_files();
	return done_testing("bgnbd");
}
